//! Names of people's names, and the words that say whether a plain `name` is a person's.
//!
//! Besides everyday words: vCard (RFC 6350), LDAP (RFC 4519), SCIM (RFC 7643), FHIR's HumanName, schema.org's Person,
//! Salesforce's Contact.

/// A person's name, or a part of it.
pub(super) const NAME: &str = "
~firstname ~lastname ~fullname ~middlename ~surname ~givenname ~familyname ~forename ~maidenname ~birthname legalfirstname legallastname
legalmiddlename preferredname preferredfirstname preferredlastname fname lname mname firstnames lastnames givennames surnames forenames familynames
middleinitial middlenames secondname patronymic secondsurname paternalsurname maternalsurname fathername fathersname mothername mothersname
mothersmaidenname mothermaidenname spousename namefirst namelast namemiddle namegiven namefamily namefull nameformatted namelegal namesurname
~cardholdername cardholder ~nameoncard cardname holdername cardholderfullname accountholder accountholdername
beneficiaryname payeename payername sendername recipientname receivername contactname customername clientname patientname employeename
membername guestname passengername attendeename authorname ownername applicantname buyername sellername studentname teachername drivername
doctorname physicianname tenantname nameofindividual nameofpatient nameofinsured nameofapplicant
personalname personname realname truename kanjiname kananame sortname firstandlastname firstlastname namelastfirst
personfirstname personlastname individualname contactpersonname emergencycontactname signername signatoryname
vorname nachname vollername vollstandigername familienname zuname geburtsname madchenname rufname karteninhaber kontoinhaber ansprechpartnername
vorundnachname vornamename namevorname nachnamevorname versichertenname patientenname kundenname mitarbeitername
nombrecompleto nombreyapellidos nombresyapellidos nombreyapellido nombres apellido apellidos primerapellido segundoapellido apellidopaterno
apellidomaterno primernombre segundonombre nombredepila nombretitular titulardelatarjeta titularcuenta nombrecliente nombredelcliente nombrepaciente
prenom prenoms nomdefamille nomcomplet nomprenom nometprenom prenomnom nompatronymique nomdenaissance nomusage nomdusage deuxiemeprenom nomclient
nomtitulaire titulairecarte titulaireducompte nomjeunefille patronyme
cognome cognomi nomecompleto nomecognome nomeecognome cognomenome nomeintestatario intestatario intestatariocarta nomecliente secondonome
sobrenome apelido apelidos nomecompletocliente primeironome ultimonome nomedamae nomemae nometitular nomedocliente titulardocartao nomepaciente nomesocial
voornaam voornamen achternaam volledigenaam tussenvoegsel geslachtsnaam familienaam roepnaam meisjesnaam naamkaarthouder rekeninghouder klantnaam
fornamn efternamn fullstandigtnamn tilltalsnamn mellannamn kundnamn fornavn fornavne efternavn etternavn mellomnavn mellemnavn fuldenavn fulltnavn fuldtnavn kundenavn
etunimi etunimet sukunimi kokonimi kutsumanimi asiakkaannimi fornafn eftirnafn fulltnafn nafnvidskiptavinar
imie imiona nazwisko nazwiskorodowe imieinazwisko imienazwisko drugieimie imieinazwiskoklienta
jmeno prijmeni celejmeno jmenoaprijmeni krestnijmeno rodneprijmeni meno priezvisko celemeno menoapriezvisko rodnepriezvisko krstnemeno
vezeteknev keresztnev teljesnev csaladnev csaladinev utonev szuletesinev anyjaneve ugyfelneve nev
numecomplet prenume numedefamilie numesiprenume numeprenume numeclient
prezime imeiprezime imeprezime punoime priimek imeinpriimek polnoime rojstnipriimek imekupca
vardas pavarde vardaspavarde vardasirpavarde pilnasvardas vards uzvards vardsuzvards pilnsvards eesnimi perekonnanimi taisnimi perenimi
emri mbiemri emridhembiemri emriiplote atesia
adsoyad adisoyadi adivesoyadi soyad soyadi soyisim isimsoyisim tamad tamadi isim ilkad kartsahibi musteriadi babaadi anneadi
hoten hovaten tendaydu tendem hovatendem tenkhachhang chuthe
namalengkap namadepan namabelakang namapenuh namakeluarga namaayah namaibu namapemilik namapelanggan namasesuaiktp pangalan apelyido buongpangalan unangpangalan
jinalakwanza jinalamwisho jinakamili jinalaukoo volnaam volledigename noemnaam vollename
izena abizena izenabizenak izenosoa abizenak cognom cognoms nomicognoms primercognom segoncognom primeiroapelido segundoapelido nomeeapelidos
ainm sloinne ainmiomlan ceadainm cyfenw enwcyntaf enwllawn enw isem kunjom isemkunjom virnumm familljennumm
имя фамилия отчество фио полноеимя имяотчество фамилияимяотчество имяифамилия девичьяфамилия имяклиента держателькарты
імя прізвище побатькові піб повнеімя прозвішча імяпабацьку бацькаўімя
име фамилно фамилноиме презиме собственоиме пълноиме триимена бащиноиме имеипрезиме пуноиме имеифамилия името
ονομα επωνυμο ονοματεπωνυμο πατρωνυμο ονομαπατερα πληρεσονομα ονομακαιεπωνυμο
անուն ազգանուն անունազգանուն հայրանուն სახელი გვარი სახელიგვარი სრულისახელი მამისსახელი аты тегі әкесініңаты толықаты фамилиясы исми
ism familiya familiyasi toliqism otasiningismi
שם שםמלא שםפרטי שםמשפחה שםהאב שםלקוח
الاسم الاسمالكامل الاسمالاول الاسمالأول اسمالعائلة اسمالأب اللقب الكنية الاسمالثلاثي الاسمالرباعي اسمالعميل اسمالمريض اسم اسمكامل
نام نامخانوادگی نامونامخانوادگی نامکامل نامپدر نامکوچک نامخانوادگي پورانام مکملنام خاندانینام
नाम पूरानाम पहलानाम उपनाम अंतिमनाम पितानाम नाव आडनाव संपूर्णनाव নাম পূর্ণনাম পদবি নামেরপ্রথমঅংশ ਨਾਮ નામ પૂરુંનામ અટક
பெயர் முழுபெயர் முதல்பெயர் குடும்பப்பெயர் పేరు పూర్తిపేరు ఇంటిపేరు ಹೆಸರು ಪೂರ್ಣಹೆಸರು ഉപനാമം പേര് മുഴുവൻപേര് නම සම්පූර්ණනම
ชื่อ นามสกุล ชื่อนามสกุล ชื่อสกุล ชื่อจริง ชื่อเต็ม ឈ្មោះ នាមត្រកូល ຊື່ ນາມສະກຸນ အမည် ስም ሙሉስም የአባትስም
姓名 名字 姓氏 全名 真实姓名 中文名 英文名 持卡人 持卡人姓名 户名 收货人 收件人 联系人 联系人姓名 客户姓名 申请人 收件人姓名 姓 名 真實姓名 聯絡人 戶名
氏名 お名前 名前 苗字 姓名かな 氏名カナ フリガナ ふりがな 氏名漢字 カナ氏名 名義人 口座名義 契約者名 担当者名 宛名 患者名 顧客名 お客様名
이름 성명 성함 실명 고객명 예금주 받는사람 수취인 환자명 신청인 신청자명 보호자명 성 한글이름 영문이름
";

/// A person's name if it looks like one.
pub(super) const MAYBE_NAME: &str = "
legalname nameofholder cn commonname gecos gn sn personaldisplayname signedby careof attn attention
beneficialowner contactperson ansprechpartner ansprechperson personadecontacto personacontacto personnecontact personneacontacter
referente personadicontatto contactpersoon kontaktperson kontaktna osobakontaktowa kontaktnaosoba kapcsolattarto yhteyshenkilo
контактноелицо контактнаособа лицеконтакт yetkilikisi ilgilikisi nguoilienhe pessoadecontato pessoacontato
kinname nextofkin emergencycontact fn nombrelegal nomlegal
";

/// A name, of whom or what only its surroundings say.
pub(super) const UNCERTAIN: &str = "
name names displayname nickname knownas aka nombre nom nome naam navn namn nimi nafn nume ime ad adi ten nama jina
altname alternatename alternativename othername othernames previousname formername accountname profilename publicname
";

/// Words for people who are named by that word alone: `"patient": "Jane Doe"`.
pub(super) const HUMAN: &str = "
patient employee passenger guardian beneficiary signatory signer cosigner insured policyholder applicant coapplicant attendee
physician doctor nurse therapist teacher student pupil witness spouse dependent dependant borrower coborrower guarantor tenant lessee
claimant decedent donor guest traveler traveller registrant candidate interviewee nominee payee payer remitter consignee
addressee recipient sender caller callee resident inmate defendant plaintiff relative
husband wife mother father sibling caregiver carer supervisor linemanager manager assignee assignedto reportedby
requestedby lecturer instructor presenter speaker chauffeur hausarzt arzt mitarbeiter versicherter versicherungsnehmer
patientin antragsteller kontoinhaberin empfanger absender begunstigter bevollmachtigter vormund beneficiario beneficiaria paciente
empleado empleada pasajero solicitante titular destinatario remitente asegurado firmante beneficiaire patiente employe salarie passager
demandeur destinataire expediteur assure signataire tuteur titulaire ontvanger afzender begunstigde werknemer verzekerde
mottagare avsandare anstalld modtager afsender medarbejder mottaker avsender ansatt vastaanottaja lahettaja potilas tyontekija
pracownik pacjent odbiorca nadawca pasazer ubezpieczony beneficient zamestnanec prijemce odesilatel cestujici pojistenec
munkavallalo beteg cimzett felado utas pacient angajat destinatar expeditor beneficiar pasager zaposleni primatelj posiljatelj
hasta calisan alici gonderen yolcu sigortali lehtar пациент сотрудник получатель отправитель пассажир страхователь застрахованный
працівник пацієнт одержувач відправник ασθενησ παραληπτησ αποστολεασ εργαζομενοσ מטופל נמען שולח עובד المريض المستلم المرسل الموظف المستفيد
دریافتکننده فرستنده بیمار मरीज रोगी ผู้ป่วย ผู้รับ ผู้ส่ง 患者 乘客 员工 收款人 付款人 寄件人 发件人 受益人 被保险人 受取人 送付先 社員 従業員 乗客 환자 직원 승객 수신자 발신자 수익자
";

/// Words for people that may be firms as well, or that say whose an object is: `"customer": {"name": ...}`.
pub(super) const PERSON: &str = "
user customer client person people persons contact member owner author buyer seller subscriber profile individual
shopper visitor player participant invitee follower friend driver rider staff worker personnel crew lead prospect
holder billto shipto soldto billing shipping billingdetails shippingdetails billingcontact shippingcontact techcontact admincontact
userinfo userdata userprofile userdetails personalinfo personaldata personaldetails personalinformation customerinfo customerdetails customerdata
contactinfo contactdetails contactdata applicantinfo patientinfo patientdata employeedata demographics identity kyc humanname
creator sendto whois registrantcontact kunde kundin nutzer benutzer
teilnehmer mitglied kontakt cliente usuario usuaria contacto miembro persona socio utilisateur utilisatrice membre
personne abonne utente contatto membro pessoa utilizador contato gebruiker klant persoon deelnemer kund anvandare bruger bruker
asiakas kayttaja henkilo uzytkownik klient osoba zakaznik uzivatel ugyfel felhasznalo szemely utilizator persoana korisnik kupac stranka uporabnik
vartotojas klientas lietotajs klients kasutaja perdoruesi klienti kullanici musteri kisi nguoidung khachhang pengguna pelanggan mteja
пользователь клиент покупатель человек контакт лицо користувач клієнт потребител πελατησ χρηστησ לקוח משתמש العميل المستخدم شخص مشتری کاربر
ग्राहक उपयोगकर्ता ลูกค้า ผู้ใช้ 客户 用户 用戶 客戶 顧客 利用者 会員 お客様 고객 사용자 회원
";

/// Words for what has a name and is no person: as an object's name they say that the `name` in it is none, among the words
/// of a value that it names none.
pub(super) const THING: &str = "
company companies organization organisation organizations org firm corporation corp inc incorporated llc llp ltd limited plc gmbh ag kg ohg sa sas sarl srl spa bv nv oy
ab aps kk pty group holding holdings partners associates bank insurance university college school institute hospital clinic pharmacy church
foundation trust agency ministry department dept division team teams branch store shop hotel restaurant cafe bar airport airline station
vendor supplier merchant manufacturer brand publisher studio product products item items sku article catalog catalogue category categories
service services server cluster node namespace bucket queue topic table column database schema index view job jobs task tasks workflow pipeline
project projects repository repo package module plugin extension app apps platform system file files folder directory dashboard chart template
page website domain campaign campaigns room channel list segment audience newsletter plan plans tier role roles policy policies rule rules
feature flag flags region zone city country state building warehouse tool tools function functions parameter parameters model models dataset
device devices sensor vehicle machine printer camera gateway proxy scheduler webinar conference meeting club association society league union
empresa compania sociedad banco universidad departamento producto servicio entreprise societe produit azienda banca prodotto firma unternehmen gesellschaft verein
abteilung produkt dienst bedrijf foretag virksomhed yritys spolecnost vallalat sirket компания организация фирма банк товар услуга 公司 企业 产品 会社 株式会社 商品 회사 제품
";

/// Further words that are in no person's name.
pub(super) const OTHER: &str = "
build deploy deployment release version form site event events subscription permission report reports document documents setting settings config configuration environment
location locations order orders invoice invoices payment payments transaction refund refunds export exports import sync backup
tests demo sample example default anonymous admin administrator root bot robot support sales marketing engineering operations finance
accounting security infrastructure logistics solutions systems technologies technology software consulting industries international global
worldwide network networks media digital analytics research development management capital ventures energy motors foods pharma medical
health care center centre federation council committee board fund engine api agent monitor alert alerts incident issue
ticket bug milestone sprint epic daily weekly monthly quarterly annual yearly nightly create delete update get start
stop open close closed pending active inactive enabled disabled high medium critical standard premium basic free pro enterprise starter
gold silver bronze platinum spring autumn sale offer discount promo promotion coupon season edition the and of for with in on by from your our
my his her their its this that is are was not yes all please welcome thank thanks hello hi dear notification reminder request response
avenue road boulevard square
";
