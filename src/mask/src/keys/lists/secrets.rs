//! Names of what opens something.

/// Headers that carry a scheme and a secret (RFC 9110, 11.6).
pub(super) const AUTHORIZATION: &str = "authorization";

/// Headers of names and secrets (RFC 6265).
pub(super) const COOKIE: &str = "cookie setcookie cookies";

pub(super) const SECRET: &str = "
~password ~passwords ~passwd ~passphrase pwd userpass dbpass mysqlpass pgpass smtppass ftppass pass passcode ~passcodes
passwort kennwort passworter passwrd psw psswd pswd loginpassword
~contrasena contrasenia clavesecreta claveacceso clavedeacceso contrasenya senha senhas palavrapasse palavrachave
~motdepasse mdp motpasse wachtwoord wachtwoorden losenord adgangskode kodeord passord salasana lykilord
haslo haselko heslo jelszo parola parolaesik sifre sifresi lozinka geslo salasona slaptazodis parole parool
fjalekalimi fjalekalim pasahitza contrasinal cyfrinair focalfaire wagwoord password2 matkhau katasandi katalaluan
kataloan parolparol parol құпиясөз sandi
пароль парол лозинка κωδικοσπροσβασησ συνθηματικο գաղտնաբառ პაროლი סיסמה סיסמא كلمةالمرور كلمةالسر رمزعبور گذرواژه کلمهعبور پاسورڈ
पासवर्ड পাসওয়ার্ড கடவுச்சொல் సంకేతపదం ರಹಸ್ಯಪದ പാസ്വേഡ് รหัสผ่าน ពាក្យសម្ងាត់ 密码 密碼 口令 登录密码 支付密码 パスワード 暗証番号 비밀번호 암호
~secret ~secrets secretvalue token ~accesstoken ~authtoken ~apitoken ~refreshtoken ~sessiontoken ~bearertoken idtoken
~clientsecret appsecret consumersecret sharedsecret ~webhooksecret ~signingsecret jwtsecret
~apikey ~apikeys appkey ~accesskey authkey accountkey masterkey ~privatekey ~secretkey ~secretaccesskey signingkey encryptionkey decryptionkey
sharedkey sharedaccesskey subscriptionkey functionskey licensekey storagekey servicekey agekey sshkey pgpkey gpgkey
clientkey insertkey secretkeybase adminkey adminapikey searchkey hmackey aeskey deskey rsakey passwordhash hashedpassword passwordhashed pwdhash passhash passworddigest passwordsalt consumerkey ingestkey deploykey serverkey wepkey wpakey pskkey presharedkey psk
amzsignature googsignature credential credentials credentialsjson jwt bearer sessionid phpsessid jsessionid aspsessionid csrf xsrf
csrftoken xsrftoken mnemonic seedphrase recoveryphrase backupphrase secretphrase walletseed codeverifier clientassertion
privatekeyid unlockcode puk pukcode samlresponse samlassertion
geheimnis zugangsdaten schlusselwort secreto segreto segredo hemlighet tajemnica geheim секрет токен ключдоступа 密钥 秘钥 令牌 アクセストークン 토큰 비밀키
securityanswer secretanswer answerhash securityanswers respuestasecreta respuestadeseguridad antwortsicherheitsfrage
reponsesecrete respostasecreta pw
";

/// Short codes: they may be any four digits.
pub(super) const CODES: &str = "
pincode pinnumber cardpin atmpin newpin oldpin codigopin codepin pinkod pinkode geheimzahl codicepin pinkodu пинкод
cvv cvv2 cvc cvc2 cvn cid2 cardcode cardcvc cardcvv securitycode cardsecuritycode verificationvalue prufziffer
kartenprufnummer codigoseguridad codigodeseguridad cryptogramme codicesicurezza codigoseguranca codigodeseguranca beveiligingscode 安全码
otp otpcode ~onetimecode ~onetimepassword totp totpcode totpsecret totpseed otpsecret otpseed mfacode mfatoken smstan smscode smsotp twofactorcode tfacode 2facode
verificationcode verifycode confirmationcode authcode authenticationcode logincode accesscode ~backupcode ~backupcodes ~recoverycode ~recoverycodes
activationcode resetcode invitecode devicecode usercode emailcode
einmalcode bestatigungscode verifizierungscode codeverification codedeverification codigoverificacion codigodeverificacion
codigodeverificacao codicediverifica codiceotp codicedisicurezza verificatiecode kodweryfikacyjny dogrulamakodu кодподтверждения 验证码 驗證碼 認証コード 확인코드 인증번호 인증코드
";

/// Codes if they are of digits, and ids if they are random: the words mean other things as well.
pub(super) const DIGITS: &str = "
pin nip tan pins secretid
";

/// Secrets if they look like one.
pub(super) const PERHAPS: &str = "
key keys tokens auth authentication sig signature code session sid assertion webhook cred creds salt pat mfa nonce
clave seed licensecode connectionstring connstr dsn databaseurl webhookurl routingkey integrationkey signedurl presignedurl sasurl
";
