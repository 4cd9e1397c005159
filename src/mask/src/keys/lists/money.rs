//! Names of cards, accounts and wallets.

pub(super) const CARD: &str = "
~cardnumber ~creditcard ~creditcardnumber creditcardno debitcard debitcardnumber card cardno cardnr cardnum cc ccnumber ccnum ccno paymentcard paymentcardnumber bankcard bankcardnumber primaryaccountnumber fundingpan cardpan sourcenumber
acctcardnumber kartennummer kartennr kreditkarte kreditkartennummer kreditkartennr numerotarjeta numerodetarjeta tarjeta tarjetadecredito tarjetacredito numtarjeta numerocarte numerodecarte cartebancaire numerocartebancaire cartebleue numcarte
numerocarta cartadicredito cartacredito numerodellacarta numerocartao numerodocartao cartao cartaocredito cartaodecredito kaartnummer creditcardnummer kortnummer kortnr kreditkort kreditkortnummer korttinumero luottokortti luottokorttinumero kortanumer
numerkarty nrkarty kartakredytowa cislokarty kreditnikarta kreditnakarta kartyaszam bankkartya bankkartyaszam hitelkartya numarcard numarulcardului brojkartice kreditnakartica stevilkakartice kartica kortelesnumeris kartesnumurs kaardinumber numriikartes kartno kartnumarasi kredikarti kredikartino
sothe sothetindung nomorkartu nomorkartukredit kartukredit номеркарты кредитнаякарта банковскаякарта номеркартки кредитнакарта номернакарта бројкартице αριθμοσκαρτασ πιστωτικηκαρτα מספרכרטיס כרטיסאשראי رقمالبطاقة بطاقةالائتمان رقمبطاقةالائتمان شمارهکارت कार्डनंबर เลขบัตรเครดิต หมายเลขบัตร 卡号 银行卡号 信用卡号 银行卡 信用卡 卡號 信用卡號 カード番号 クレジットカード番号 クレジットカード 카드번호 신용카드번호 신용카드
";

/// When a card ends: masked where it is written as on the card, `06/29`.
pub(super) const EXPIRY: &str = "
expiry expirydate expiration expirationdate expires exp expdate expirymonthyear validthru validthrough validto validuntil goodthru cardexpiry cardexpirydate cardexp cardexpdate cardexpires cardexpiration cardexpirationdate ccexp ccexpiry ccexpdate
gultigbis ablaufdatum verfallsdatum caducidad fechacaducidad fechadecaducidad vencimiento fechavencimiento fechadevencimiento dateexpiration datedexpiration scadenza datascadenza datadiscadenza validade datavalidade datadevalidade geldigtot vervaldatum utgangsdatum giltigtill udlobsdato utlopsdato voimassa gildirtil
datawaznosci waznado platnostdo platnost lejarat ervenyes dataexpirarii valabilpana datumisteka vrijedido veljavendo galiojaiki deriguma sonkullanma sonkullanmatarihi skt hethan ngayhethan berlakuhingga masaberlaku срокдействия действительнадо ημερομηνιαληξησ תוקף تاريخالانتهاء تاریخانقضا 有效期 有效期至 到期日 有効期限 유효기간 만료일
";

pub(super) const ACCOUNT: &str = "
~iban ibannumber ibannr bankaccount ~bankaccountnumber bankaccountno ~accountnumber accountno accountnr acctnumber acctno acctnum accountnum beneficiaryaccount beneficiaryaccountnumber debtoraccount creditoraccount debitaccount creditaccount fromaccountnumber toaccountnumber payeeaccount payeeiban payoutiban payoutaccount
routingnumber routingno abanumber abarouting abaroutingnumber bankrouting sortcode bsb bsbnumber clabe clabeinterbancaria transitnumber achaccount achaccountnumber swiftaccount vpa upi upiid
kontonummer kontonr bankverbindung bankkonto ibanempfanger cuentabancaria numerocuenta numerodecuenta cuentanumero nrocuenta cbu cvu ccc cuentadestino cuentaorigen comptebancaire numerocompte numerodecompte numcompte rib contocorrente numeroconto numerodiconto contobancario contabancaria numeroconta numerodaconta contacorrente nib chavepix pix
rekeningnummer bankrekening bankrekeningnummer rekeningnr bankgiro plusgiro clearingnummer tilinumero pankkitili bankareikningur reikningsnumer numerkonta numerrachunku nrkonta nrrachunku rachunekbankowy kontobankowe cislouctu bankovniucet bankovyucet bankszamla bankszamlaszam szamlaszam contbancar numarcont nrcont brojracuna bankovniracun ziroracun trr bancniracun saskaitosnumeris bankosaskaita kontanumurs pangakonto kontonumber numriillogarise llogariabankare
hesapno hesapnumarasi bankahesabi ibanno sotaikhoan taikhoannganhang nomorrekening norek rekening nomborakaun bankverwantskap номерсчета расчетныйсчет банковскийсчет лицевойсчет рахунок номеррахунку банківськийрахунок банковасметка бројрачуна τραπεζικοσλογαριασμοσ αριθμοσλογαριασμου חשבוןבנק מספרחשבון رقمالحساب الحسابالبنكي الآيبان ایبان شمارهحساب شمارهشبا شبا खातासंख्या खातानंबर बैंकखाता เลขบัญชี เลขที่บัญชี บัญชีธนาคาร 银行账号 银行账户 銀行帳號 銀行口座 口座番号 계좌번호 은행계좌 계좌
";

pub(super) const WALLET: &str = "
wallet walletaddress ~walletaddr btcaddress bitcoinaddress ethaddress ethereumaddress cryptoaddress cryptowallet payoutaddress depositaddress withdrawaladdress usdtaddress trxaddress tronaddress xrpaddress soladdress solanaaddress destinationaddress
walletadresse direccionwallet carteiracrypto адрескошелька кошелек 钱包地址 錢包地址 ウォレットアドレス 지갑주소
";
