//! Names of what a state, an insurer or an employer knows a person by: numbers, birth dates, vehicles.
//!
//! Local names of national numbers follow the registers' own pages and the OECD's list of tax identification numbers.

pub(super) const BIRTH_DATE: &str = "
~dateofbirth ~birthdate ~birthday dob birthdt datebirth born bornon bday birthyear yearofbirth personbirthdate patientdob deathdate dateofdeath birthtime
geburtsdatum geburtstag gebdatum gebdat geburtsjahr gebtag geboren geborenam
fechanacimiento fechadenacimiento nacimiento fnacimiento fecnac cumpleanos datanaixement datadenaixement datanacemento
datenaissance datedenaissance naissance ddn neele nele
datadinascita datanascita nascita natoil natail compleanno datadenascimento datanascimento nascimento dtnascimento dtnasc aniversario
geboortedatum geboortedag geboorte fodelsedatum fodelsedag fodselsdato fodselsdag fodd fodt syntymaaika syntymapaiva faedingardagur fadingardagur fadingardagsetning
dataurodzenia urodzenia urodziny datumnarozeni narozeni narozen datumnarodenia narodenia narodeny
szuletesidatum szuletesiido szuletes szuletett datanasterii dataniasterii nascut datumrodenja rodendan rodenje datumrojstva rojstvo rojstnidatum
gimimodata gimimas gime dzimsanasdatums dzimis dzimsana sunniaeg sunnipaev sunnikuupaev datelindja datelindjes ditelindja
dogumtarihi dogumgunu dogum ngaysinh ngaythangnamsinh sinhnhat namsinh tanggallahir tgllahir tarikhlahir lahir petsangkapanganakan petsakapanganakan kaarawan
tareheyakuzaliwa kuzaliwa verjaarsdag jaiotzedata jaioteguna databreithe breithla dyddiadgeni dataattwelid gebuertsdatum
датарождения рождения деньрождения годрождения родился датанародження народження деньнародження датанараджэння датанараждане раждане роден датумрођења рођен рођење датумнараѓање
төрсөнөдөр туғанкүні tugilgansana туулганкүнү
ημερομηνιαγεννησησ ημγεννησησ γεννηση ծննդյանամսաթիվ დაბადებისთარიღი תאריךלידה תאריךהלידה تاريخالميلاد تاريخالولادة الميلاد تاریختولد تولد تاریخپیدائش
जन्मतिथि जन्मतारीख जन्मदिन জন্মতারিখ জন্মদিন பிறந்ததேதி பிறந்தநாள் పుట్టినతేదీ ಹುಟ್ಟಿದದಿನಾಂಕ ജനനത്തീയതി ਜਨਮਮਿਤੀ જન્મતારીખ උපන්දිනය วันเกิด วันเดือนปีเกิด ថ្ងៃខែឆ្នាំកំណើត ວັນເກີດ မွေးနေ့ የትውልድቀን
出生日期 出生年月 生日 出生年月日 出生 生年月日 誕生日 生年 생년월일 생일 출생일
";

pub(super) const NATIONAL_ID: &str = "
~ssn ssnlast4 ssnumber ssnitin ssnoritin itin socialsecurity ~socialsecuritynumber socialsecurityno socialinsurancenumber sin sinnumber nino nationalinsurance nationalinsurancenumber niunumber
~nationalid ~nationalidnumber nationalidentifier nationalidentificationnumber nationalidentity nationalidentitynumber nationalidcard personalid personalidnumber personalidentificationnumber
personalnumber personalcode personalidentitycode personalidentifier citizenid citizennumber citizenshipnumber civilid civilidnumber identitynumber identitycard identitycardnumber
identityno identitydocument identitydocumentnumber idcard idcardnumber idcardno idnumber idno idnr iddocumentnumber iddocnumber governmentid governmentidnumber govid
uniqueidentitynumber nationalnumber nationalregistrynumber residencepermit residencepermitnumber residentid residentnumber alienregistrationnumber aliennumber greencardnumber visanumber visano
~passport ~passportnumber passportno passportnr passportid passportnum travelpassport traveldocument traveldocumentnumber
~driverlicense driverslicense driverlicensenumber driverslicensenumber drivinglicence drivinglicense drivinglicencenumber drivinglicensenumber driverlicence driverslicence driverlicencenumber driverslicencenumber dlnumber dlno
~taxid taxidnumber taxidentificationnumber taxidentifier taxnumber taxno taxpayerid taxpayeridentificationnumber taxpayernumber tin tinnumber tfn taxfilenumber vatid vatnumber vatno vatregistrationnumber vatregno vatregistration utr
gstin gstnumber gstno abn acn
healthinsurancenumber healthcard healthcardnumber healthnumber insurancenumber insurancepolicynumber insuredid insuredidnumber insurancememberid medicare medicarenumber medicareno medicaid medicaidnumber medicaidid mbi nhsnumber nhsno nhs hicn
medicalrecordnumber mrn mrnnumber hospitalnumber ihi phn ohip chinumber ahvnummer ahv avs oasi npinumber npi deanumber medicallicense medicallicensenumber
sozialversicherungsnummer svnr svnummer sozialversicherungsnr rentenversicherungsnummer rvnr steuerid steueridnr steueridentifikationsnummer steueridentnummer idnrsteuer steuernummer steuernr stnr umsatzsteuerid ustid ustidnr umsatzsteueridentifikationsnummer uidnummer
personalausweis personalausweisnummer personalausweisnr ausweisnummer ausweisnr reisepass reisepassnummer passnummer passnr fuhrerschein fuhrerscheinnummer fuhrerscheinnr versichertennummer versichertennr krankenversichertennummer kvnr krankenversicherungsnummer versicherungsnummer
cpf cpfnumero cpfcnpj cnpj rg rgnumero pis pispasep nis cnh cnhnumero tituloeleitor titulodeeleitor cartaosus cns numerodecontribuinte contribuinte nifnumero numerocontribuinte cartaocidadao cartaodecidadao numeroutente niss
curp rfc nss ine claveelector clavedeelector dni dninumero nie nif cif nifnie nifcif dninie numerodni cedula ceduladeidentidad ceduladeciudadania numerocedula nit rut ruc cuit cuil cuitcuil rif documentoidentidad documentodeidentidad
numerodocumento numerodedocumento nrodocumento numeroidentificacion numerodeidentificacion identificacionfiscal pasaporte numeropasaporte numerodepasaporte licenciaconducir licenciadeconducir carnetconducir permisodeconducir numeroseguridadsocial numerodeseguridadsocial seguridadsocial numeroafiliacion nuss tarjetasanitaria
nir insee numeroinsee numerosecuritesociale numerodesecuritesociale securitesociale numsecu numeroidentite numerocni cni carteidentite cartenationaleidentite cartedidentite numeropasseport passeport numerodepasseport permisconduire permisdeconduire numeropermis numerofiscal numerotva registrenational numeroderegistrenational nrn
codicefiscale codfiscale codfisc partitaiva piva cartaidentita cartaidentitanumero cartadidentita numerocartaidentita passaporto numeropassaporto patente patentediguida numeropatente tesserasanitaria
passaporte numeropassaporte numerodopassaporte cartadeconducao cartaconducao carteirademotorista identidade numeroidentidade
bsn burgerservicenummer sofinummer rijksregisternummer rijbewijs rijbewijsnummer paspoort paspoortnummer identiteitskaart identiteitskaartnummer btwnummer btwid fiscaalnummer inszi insz
personnummer samordningsnummer korkortsnummer korkort cpr cprnummer cprnr cprnumber pasnummer korekort korekortnummer fodselsnummer fodselsnr fnr dnummer forerkort forerkortnummer kennitala vegabref vegabrefsnumer okuskirteini
henkilotunnus hetu sotu passinumero ajokortti ajokorttinumero ytunnus pesel numerpesel nrpesel dowodosobisty numerdowodu seriainumerdowodu nrdowodu paszport numerpaszportu nrpaszportu prawojazdy numerprawajazdy regon nippl numernip
rodnecislo rodnicislo cisloop cisloobcanskehoprukazu obcanskyprukaz obcianskypreukaz cislopasu cestovnipas ridicskyprukaz dic
szemelyiszam szemelyigazolvany szemelyigazolvanyszam szemelyiazonosito adoazonosito adoazonositojel adoszam taj tajszam utlevel utlevelszam jogositvany jogositvanyszam cnp codnumericpersonal codnumeric serieci seriabuletin buletin pasaport numarpasaport permisconducere cui codfiscal
oib jmbg maticnibroj maticnibrojgradana brojosobne osobnaiskaznica brojosobneiskaznice putovnica brojputovnice vozackadozvola emso davcnastevilka davcnast osebnaizkaznica stevilkaosebneizkaznice potnilist stevilkapotnegalista vozniskodovoljenje brojlk
asmenskodas pasonumeris vairuotojopazymejimas personaskods pasesnumurs isikukood dokumendinumber passinumber juhiluba nid numripersonal letemjoftimi pasaporta
egn егн лнч edinengrazhdanskinomer личнакарта номерналичнакарта номерпаспорт паспортномер булстат еик amka amkanumber αμκα afm afmnumber αφμ αριθμοσταυτοτητασ ταυτοτητα αδτ αριθμοσδιαβατηριου διαβατηριο διπλωμαοδηγησησ
tckn tckimlik tckimlikno tckimliknumarasi tcno kimlikno kimliknumarasi vergino verginumarasi vkn sgkno pasaportno pasaportnumarasi ehliyetno ehliyet
инн снилс паспорт номерпаспорта паспортныеданные серияпаспорта серияиномерпаспорта паспортсерияномер водительскоеудостоверение номерводительскогоудостоверения полисомс номерполиса огрнип иин іпн ирн рнокпп ідентифікаційнийкод едрпоу єдрпоу паспортнідані номерпаспорту јмбг матичниброј личнакартаброј регистрдугаар жсн snils pinfl jshshir
личныйномер идентификационныйномер ծառայությանհամարանիշ անձնագիր პირადინომერი პასპორტი
teudatzehut תעודתזהות מספרזהות תז דרכון מספרדרכון רישיוןנהיגה
رقمالهوية الهوية هويةوطنية الرقمالقومي الرقمالوطني رقمالإقامة الإقامة رقمالجواز جوازالسفر رقمجوازالسفر رخصةالقيادة البطاقةالشخصية رقمالبطاقةالشخصية الرقمالشخصي iqama iqamanumber iqamano emiratesid emiratesidnumber civilidno
کدملی کدملي شمارهملی شمارهشناسنامه شناسنامه شمارهپاسپورت گذرنامه شمارهگذرنامه گواهینامه شناختیکارڈ cnic cnicnumber nicnumber nicno
aadhaar aadhar aadhaarnumber aadharnumber aadhaarno aadharno uidai uidnumberin pannumber panno pancard pancardnumber voterid voteridnumber voteridno epicnumber rationcard rationcardnumber uan uannumber drivinglicenceno nidnumber nidno आधार आधारनंबर आधारसंख्या पैननंबर पासपोर्टनंबर मतदाताआईडी জাতীয়পরিচয়পত্র এনআইডি পাসপোর্টনম্বর ஆதார் கடவுச்சீட்டு ఆధార్
cccd cmnd socccd socmnd cancuoccongdan sohochieu hochieu masothue magiaypheplaixe bhxh sobaohiemxahoi nik nomorktp ktp noktp nomornik npwp nonpwp paspor nomorpaspor nokk mykad nric nricnumber nricno nokadpengenalan kadpengenalan nopasport fin finnumber umid philsys philhealth sssnumber tinph kitambulisho nambariyakitambulisho idnommer nin ninnumber nimc bvn bvnnumber ghanacard ghanacardnumber kra krapin krapinnumber huduma omang
identifikasienommer paspoortnommer saidnumber rsaid rsaidnumber
เลขบัตรประชาชน เลขประจำตัวประชาชน บัตรประชาชน หนังสือเดินทาง เลขที่หนังสือเดินทาง ใบขับขี่ เลขประจำตัวผู้เสียภาษี
身份证 身份证号 身份证号码 证件号码 证件号 护照 护照号 护照号码 驾驶证号 驾照号 社保号 社会保障号 纳税人识别号 统一社会信用代码 公民身份号码 居民身份证 港澳通行证 身分證 身分證字號 身份證 身份證號碼 護照號碼 護照 統一編號 居留證號 健保卡號 shenfenzheng idcardcn
マイナンバー 個人番号 mynumber mynumbercard パスポート番号 旅券番号 パスポート 運転免許証番号 免許証番号 免許番号 保険証番号 被保険者番号 在留カード番号 法人番号 基礎年金番号 年金番号
주민등록번호 주민번호 외국인등록번호 여권번호 여권 운전면허번호 운전면허 면허번호 사업자등록번호 건강보험번호 rrn residentregistrationnumber jumin
";

/// Numbers of persons, or of something else.
pub(super) const MAYBE_ID: &str = "
pan identifier documentnumber documentid documentno docnumber docno licensenumber licenseno licencenumber licenceno permitnumber insurancepolicy memberidnumber identification
ausweis lizenznummer certificatenumber steuer documento
";

pub(super) const VEHICLE: &str = "
~licenseplate licenceplate licenseplatenumber licenceplatenumber plate platenumber plateno numberplate vehicleplate carplate tagnumber registrationplate vehicleregistration vehicleregistrationnumber vehiclenumber vehicleno
vin vinnumber vehicleidentificationnumber chassisnumber chassisno chassis kennzeichen kfzkennzeichen nummernschild autokennzeichen amtlicheskennzeichen fahrgestellnummer fahrzeugidentifikationsnummer
matricula matriculavehiculo placa placas placavehiculo numerodeplaca numerodebastidor bastidor immatriculation plaqueimmatriculation numeroimmatriculation plaque numerodechassis
targa targaveicolo numeroditelaio placaveiculo chassi kenteken kentekennummer chassisnummer registreringsnummer regnr regnummer nummerplade registreringsnr stellnummer rekisterinumero rekisteritunnus skraningarnumer
numerrejestracyjny nrrejestracyjny tablicarejestracyjna spz registracniznacka evc ecv rendszam alvazszam numarinmatriculare nrinmatriculare numardeinmatriculare seriesasiu registarskaoznaka registracija registrskastevilka valstybinisnumeris registracijasnumurs registreerimismark targaeautomjetit
plaka plakano aracplaka sasino biensoxe bienso nomorpolisi nopol platnomor nopendaftaran госномер номеравтомобиля регистрационныйномер гн номернойзнак держномер vinкод рега αριθμοσκυκλοφοριασ מספררכב لوحةالسيارة رقماللوحة رقماللوحه پلاک वाहनसंख्या ทะเบียนรถ 车牌 车牌号 车牌号码 车架号 車牌 車牌號碼 ナンバープレート 車両番号 登録番号 車台番号 차량번호 차대번호 자동차번호
";
