//! Names of e-mail addresses, telephone numbers and postal addresses.
//!
//! Besides everyday words: vCard (RFC 6350), LDAP (RFC 4519), schema.org's ContactPoint and PostalAddress, and HTML's
//! autofill field names. City, state, country and postal code stay: a reviewer needs to know where.

pub(super) const EMAIL: &str = "
~email ~emails ~emailaddress ~emailaddresses mail mails mailaddress emailid emailaddr useremail replyto mailto correo correoelectronico courriel adressemail
adresseemail adresseelectronique correoe postaelettronica posta indirizzoemail enderecoemail enderecodeemail correioeletronico
epost epostadress epostadresse epostas mailadresse emailadresse emailadres mejl sahkoposti sahkopostiosoite netfang tolvupostfang adresemail adresemailowy
poczta emailcim adresaemail emailovaadresa elpastas elpasts epasts meiliaadress eposta epostaadresi eposti helbideaelektronikoa
почта электроннаяпочта емейл имейл адресэлектроннойпочты електроннапошта пошта имэйл ηλεκτρονικοταχυδρομειο דואל דואראלקטרוני
البريدالإلكتروني البريدالالكتروني ايميل ایمیل پستالکترونیک ईमेल ইমেইল மின்னஞ்சல் อีเมล 邮箱 电子邮箱 邮件 电子邮件 郵箱 電子郵件 メール メールアドレス 電子メール 이메일 전자우편 이메일주소 othermail
";

pub(super) const PHONE: &str = "
phone phones ~phonenumber ~phonenumbers ~telephone ~telephonenumber telephones tel telnumber telno telnr telefonnr mobile ~mobilephone ~mobilenumber mobilenr mobiles mob
~cellphone cell cellnumber cellular fax faxes faxnumber faxno facsimile facsimiletelephonenumber whatsapp whatsappnumber viber telegramphone msisdn smsnumber smsto
homephone workphone officephone dayphone eveningphone daytimephone landline pager pagernumber contactnumber contactno contactphone
callbacknumber callback callerid callernumber callerphone callingnumber callednumber dialednumber ani dnis phoneno phonenr phone1number telecom
otherphone assistantphone primaryphone emergencyphone emergencynumber fromnumber tonumber destinationnumber recipientphone internationalnumber
telefon telefonnummer telefonnumer rufnummer mobil mobiltelefon mobilnummer mobilfunknummer handy handynummer festnetz festnetznummer faxnummer
telefono telefonos telefonofijo telefonomovil movil celular celulares numerotelefono numerodetelefono numerocelular numerodecelular
telephonefixe telephoneportable telephonemobile portable numerodetelephone numerotelephone numtel notel mobilephonefr telfixe gsm gsmnummer numerogsm
cellulare numeroditelefono telefonocellulare telefonofisso recapito telefone telefones telemovel celularnumero numerodetelefone fixo
telefoon telefoonnummer mobiel mobielnummer mobielenummer telefoonnr vastetelefoon mobiltelefonnummer mobilnr tlf tlfnr tlfnummer
puhelin puhelinnumero matkapuhelin puh simi siminumer farsimi simanumer numertelefonu telefonkomorkowy komorka telkom nrtelefonu nrtel numertel
telefonnicislo telcislo mobilnitelefon telefonnecislo mobilnytelefon cislotelefonu telefonszam mobilszam mobiltelefonszam
numardetelefon numartelefon nrtelefon telefonmobil telefonfix brojtelefona telefonbroj mobitel brojmobitela telefonskastevilka stevilkatelefona
telefonas telefononumeris mobilusistelefonas talrunis talrunanumurs telefoninumber telefononr numriitelefonit telefoni celulari
telefonno telefonnumarasi ceptelefonu cep cepno cepnumarasi gsmno dienthoai sodienthoai sdt didong nomortelepon nomorhp nohp nomorponsel telepon notelepon
numerongtelepono telepono selpon simu nambariyasimu telefoonnommer selfoon selfoonnommer telefonoa telefonozenbakia sakelako mugikorra
guthan fon ffon symudol
телефон номертелефона мобильный мобильныйтелефон сотовый телефоны номермобильного факс контактныйтелефон номертелефону мобільний мобільнийтелефон
телефоненномер мобилен мобилентелефон бројтелефона мобилни телефонскиброј тэлефон утас утасныдугаар телефонныйномер телефонрақамы телефоннөмірі
τηλεφωνο αριθμοστηλεφωνου κινητο κινητοτηλεφωνο σταθερο հեռախոս հեռախոսահամար ტელეფონი მობილური ტელეფონისნომერი
טלפון נייד מספרטלפון טלפוןנייד פקס الهاتف هاتف رقمالهاتف الجوال رقمالجوال جوال المحمول رقمالمحمول الموبايل رقمالموبايل فاكس
تلفن شمارهتلفن موبایل شمارهموبایل تلفنهمراه همراه فون موبائل فوننمبر
फोन फ़ोन मोबाइल फोननंबर मोबाइलनंबर दूरभाष ফোন মোবাইল ফোননম্বর মোবাইলনম্বর ਫੋਨ ફોન મોબાઇલ தொலைபேசி கைபேசி அலைபேசி ఫోన్ మొబైల్ ಫೋನ್ ಮೊಬೈಲ್ ഫോൺ മൊബൈൽ දුරකථන
โทรศัพท์ เบอร์โทร เบอร์โทรศัพท์ มือถือ เบอร์มือถือ โทร ទូរស័ព្ទ ເບີໂທ ဖုန်း ስልክ ስልክቁጥር
电话 手机 手机号 手机号码 电话号码 联系电话 移动电话 座机 传真 電話 手機 手機號碼 電話號碼 聯絡電話 傳真 联系方式 电话号
電話番号 携帯 携帯電話 携帯番号 携帯電話番号 ファックス fax番号 連絡先 自宅電話 전화 전화번호 휴대폰 휴대전화 핸드폰 휴대폰번호 핸드폰번호 연락처 팩스 휴대전화번호 자택전화
";

pub(super) const ADDRESS: &str = "
~streetaddress street street1 street2 street3 streetname streetline streetlines streetandnumber streetnumber streetno streetnr addressline addressline1 addressline2 addressline3
addressline4 addresslines ~address1 ~address2 address3 addressstreet line1 line2 line3 addr1 addr2 addrline1 addrline2 address1line addressfirstline
housenumber housenr houseno housename buildingnumber apartment apartmentnumber apt aptnumber aptno flatnumber unitnumber suitenumber pobox postofficebox
homeaddress workaddress officeaddress postaladdress mailingaddress residentialaddress residenceaddress permanentaddress permanentresidenceaddress currentaddress
previousaddress billingaddress shippingaddress deliveryaddress physicaladdress legaladdress registeredaddress fulladdress contactaddress addressfull
propertyaddress pickupaddress dropoffaddress correspondenceaddress formattedaddress addressformatted addresstext
mailingstreet billingstreet shippingstreet otherstreet homestreet homepostaladdress registeredresidence extendedaddress thoroughfare
strase strasse str strhnr strassehausnummer strasehausnummer hausnummer hausnr hnr anschrift wohnanschrift lieferadresse rechnungsadresse postanschrift postadresse meldeadresse
strasennr strassennr wohnadresse adresszeile1 adresszeile2 adresszusatz privatadresse heimatadresse
calle callenumero direccioncompleta direccionpostal domicilio domicilioparticular direccionenvio direcciondeenvio direcciondefacturacion calleynumero numeroexterior direccionlinea1
rue adressepostale adressecomplete adressedelivraison adressedefacturation adressedomicile numerorue ruenumero voie libellevoie adresseligne1 adresse1 adresse2 complementadresse
indirizzo indirizzodiresidenza indirizzoresidenza residenza indirizzodispedizione indirizzodifatturazione indirizzocompleto numerocivico viaecivico viapiazza
endereco enderecocompleto logradouro rua morada moradacompleta enderecodeentrega enderecoresidencial numeroresidencia complementoendereco
straat straatnaam huisnummer huisnr woonadres postadres factuuradres afleveradres bezorgadres adresregel1 straatnaamhuisnummer straatenhuisnummer
gata gatuadress gatunamn hemadress postadress leveransadress fakturaadress bostadsadress gade gadenavn vejnavn husnummer bopael bopal postboks gatenavn gateadresse hjemmeadresse adresselinje1
katuosoite lahiosoite kotiosoite postiosoite katu heimilisfang heimili gotuheiti
ulica numerdomu nrdomu adreszamieszkania adresdostawy adreszameldowania adreskorespondencyjny ulicainumer mieszkanie ulice cislopopisne adresabydliste bydliste trvalebydliste
dorucovaciadresa fakturacniadresa ulicecislo bydlisko trvalybydlisko adresabydliska cislodomu
utca utcahazszam lakcim hazszam szallitasicim szamlazasicim allandolakcim strada stradanumar adresacompleta adresalivrare domiciliu adresadomiciliu
ulicaibroj kucnibroj adresastanovanja prebivaliste naslov ulicainstevilka hisnastevilka adresapreb
gatve adresasgatve namonumeris gyvenamojivieta iela dzivesvieta majasadrese tanav elukoht rruga adresaebanimit
sokak cadde acikadres evadresi ikametadresi teslimatadresi faturaadresi mahalle
diachinha duong sonha diachithuongtru noithuongtru alamatrumah alamatlengkap jalan alamatktp alamatpengiriman tirahan mtaa anwani straatadres huisadres
kalea kaleaetazenbakia etxekohelbidea carrer adrecacompleta domicili sraid seoladhbaile cyfeiriad cyfeiriadcartref heol triq indirizz strooss
улица дом домквартира квартира домашнийадрес адреспроживания адресрегистрации почтовыйадрес адресдоставки фактическийадрес юридическийадрес номердома местожительства
вулиця домашняадреса адресапроживання адресадоставки будинок адресапроживания булевард постояненадрес настоящадрес улицаиброј кућниброј пребивалиште
οδοσ διευθυνσηκατοικιασ οδοσκαιαριθμοσ ταχυδρομικηδιευθυνση փողոց բնակությանհասցե ქუჩა საცხოვრებელიმისამართი
רחוב כתובתמגורים כתובתמלאה מספרבית الشارع شارع عنوانالسكن عنوانالمنزل العنوانالكامل عنوانالشحن خیابان آدرسکامل نشانیمنزل گلی
सड़क गली घरकापता स्थायीपता রাস্তা বাড়িরঠিকানা স্থায়ীঠিকানা தெரு வீட்டுமுகவரி ถนน ที่อยู่ปัจจุบัน บ้านเลขที่
街道 街道地址 详细地址 家庭住址 居住地址 收货地址 收件地址 通讯地址 户籍地址 家庭地址 详细住址 詳細地址 通訊地址 戶籍地址 住址
番地 町名番地 自宅住所 現住所 配送先住所 丁目番地 建物名 도로명주소 지번주소 상세주소 자택주소 배송지 거주지 배송주소 집주소 도로명
";

/// An address: of a house, or of something else.
pub(super) const MAYBE_ADDRESS: &str = "
address addresses addr adr adresse adressen adres adresa adress osoite direccion indirizzi adreca adreso adresas adrese aadress adrasa cim alamat diachi helbidea seoladh
адрес адреса хаяг мекенжай διευθυνση հասցե მისამართი כתובת العنوان عنوان آدرس نشانی پتہ पता ঠিকানা முகவரி చిరునామా ವಿಳಾಸ വിലാസം ที่อยู่ 地址 住所 주소 所在地 居住地 거주지주소
residence residentialinfo placeofresidence wohnsitz lieferanschrift residencia moradia whereabouts
";
