//! Names that say nothing secret although they end in a telling word, and words that say nothing at all.

/// Names whose last words are in another list and that hold nothing to mask all the same.
pub(super) const HARMLESS: &str = "
stoptoken eostoken bostoken padtoken unktoken masktoken septoken maxtoken nexttoken pagetoken continuationtoken
publickey primarykey foreignkey partitionkey sortkey idempotencykey cachekey publishablekey
countrycode statuscode errorcode postalcode zipcode exitcode sessionduration currencycode languagecode areacode dialcode countrycallingcode phonecountrycode
responsecode reasoncode resultcode couponcode promocode discountcode vouchercode productcode itemcode stockcode colorcode colourcode airportcode statecode regioncode bankcode branchcode ifsccode taxcode sourcecode barcode qrcode
ip ipaddress ipaddr ipv4address ipv6address macaddress macaddr hostaddress serveraddress remoteaddress bindaddress listenaddress memoryaddress baseaddress contractaddress tokenaddress webaddress siteaddress networkaddress busaddress peeraddress nodeaddress
username userid usernames loginname login screenname filename filenames hostname servername domainname dbname databasename tablename columnname fieldname keyname secretname servicename
appname applicationname projectname productname companyname organizationname organisationname orgname businessname brandname storename shopname merchantname vendorname suppliername manufacturername bankname branchname schoolname clinicname hospitalname
groupname teamname rolename departmentname jobname taskname eventname campaignname templatename listname categoryname classname methodname functionname modulename packagename pathname typename tagname
statename cityname countryname regionname streettype propertyname attributename variablename parametername parametersname modelname devicename cardbrandname planname itemname bucketname clustername namespacename queuename topicname indexname schemaname
callbackurl callbackuri phonetype emailtype streetview capslock wordcount cellid cellphonemodel cellrange mobileapp mobileweb
sessionname tokenname tokentype keytype keyid accesskeyid keyspace boardingpass bypass compass
";

/// Words that do not change what a name means when they stand at its end.
pub(super) const FILLER: &str = "
value values val raw plain plaintext text base64 b64 old new current confirm confirmation again repeat header production prod staging dev live
keyword exact original orig normalized normalised formatted before after primary secondary main alternate alternative home work personal private business office mobilehome
nueva nuevo anterior neu neue neues neuer alt altes alte nouveau nouvelle ancien ancienne nuova nuovo vecchia vecchio nova novo antiga antigo yeni eski nieuw nieuwe oud oude nytt gammalt nye gammel nowe stare novy stary
новый новая старый старая новий 新 旧 e164 native romaji kana latin ascii utf8
wert valor valore valeur waarde 值 値 값
";

/// Words that say that the word before names something by a number.
pub(super) const NUMBER: &str = "
number numbers no nr num nbr nummer nro numero numer cislo broj szam numar numri nomor numera numara numarasi nambari stevilka numeris numurs номер број αριθμοσ מספר رقم شماره संख्या नंबर 号 号码 號碼 番号 번호
";

/// Values that name a type, not a value: in schemas, examples and forms.
pub(super) const TYPE: &str = "
true varchar char nvarchar bool boolean int bigint smallint float double decimal numeric date datetime timestamp timestamptz time json jsonb array any enum unknown
null nullable mixed blob clob bytea binary hidden masked redacted placeholder optional
";

/// Objects that say of what is in them no more than the object around them does.
pub(super) const INSIDE: &str = "
attributes properties details info data content fields params variables doc body payload record object set insert upsert patch changes
edges result results row rows entry entries resource
";
