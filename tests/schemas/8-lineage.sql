pragma application_id = 1414679378;
begin;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'tracker','001_core','2026-11-24 10:36:53.769050+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'tracker','002_outcome_view','2026-11-24 10:36:53.772330+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'tracker','007_watch','2026-11-24 10:36:53.780852+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'tracker','010_robots','2026-11-24 10:36:53.788926+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'tracker','011_relatives','2026-11-24 10:36:53.799366+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'tracker','006_search','2026-11-24 10:36:53.816427+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'tracker','004_past','2026-11-24 10:36:53.824226+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'tracker','005_lineage','2026-11-24 10:36:53.836807+00:00');
CREATE TABLE blob (
        id integer primary key, sha256 blob not null unique, size integer not null,
        base_id integer references blob(id), depth integer not null default 0, data blob not null) strict;
INSERT INTO "blob" VALUES(1,X'EA94946345D21A0BA51C797F7FD3D587635D22764FDC8AD825351CA90986AEA3',1440,NULL,0,X'28B52FFD64A0047D0B00D6943B1F504BE206C098907CB2AFDFF67F09816D2120320152F15801621B7E63662684350033003200EB20564CCC41684E26AC0019C6481CD9D6F1A006E48316C514E698934EE107BB4B5A26A0DCD63E4861AE830C4E238130EE37E9750209F3B960CFC515E31F5BDEB81677BBD9FD74B9DA654AF86E88A098338010407C69F8180D7E3881CA46A5BCB7C303A41C74588787636CADF81DD938930595A4CD78695D55A06E3BB6DAE543F2C823FB294E55A7A7982584755715018AF38C69C156CBD5EC2B68935EC698D62FB8CA59B79EF5337126DDE3DD7B33360440215BE5F593BA979CF5AE17A2EDBB782593E18F2DB40C332040826474A8035EA521321D379E4129DC48459A6701AB3024E258419F3B2436B052E2118DC30B4696AA440199067858AA3185432FA06049CF341218A854E9281CF882764B14A26070C13E92EED69821094B1A886A602394CC14EE05926C44E1F802892513E2DC100DE67B8F6680135413BC269BA3ABBD128C77C32C03AC54A2FD');
INSERT INTO "blob" VALUES(2,X'7EBD1DA87B197125BC5FCB52BBBF4F6E08879BCFBAB7B64CC6F45279DB82F3CE',1243,NULL,0,X'28B52FFD64DB03BD0800A20F2B1D604BDA0606BDDA48CA6B6C622D4B3A25B82A1DFA81EB879C19E2101807873D27869273F79CEB177C3964B32E2F9A3A028C254A6B5D4E57C278D63DC72923644E7F83572EA81B8AA6D6E032AEF089C452B94D4CF6D031D8A1D53CAB5FC78D1BDF95F4CC966530CB8187D0311C0CDE6805C9A37E367D8ADD47D2476CD0BC32F1DA41AC087DD7D79FD597625E650845418010403851B6D00C3CE002F335939657EDA028AE0A36D29A504F30402B28408243767811402001B21013C64513FF7F1F6966B491C26310B9F98A3B598B81246060B1771C02FB52A005E401CEA9BCC28103BAA1E28A442030BBC2F14189435C052330ADD718981C11CC81106014C43CB840376F7008D44D86831B0483298F603258850905652F3098');
INSERT INTO "blob" VALUES(3,X'E9535753A8CB870DFB50FB0660B1E877A23CED8B058FC57D3600AEA24B25F01E',1526,1,1,X'28B52FFD64F6044D0200C40261677265657765206D6179207573657273747261696E206172746966696369616C20696E69676D6F64656C730900F9A52D2C0A4E7F11B80631236F15166931340E432436DA9F813D65D2E7');
INSERT INTO "blob" VALUES(4,X'2035FC19B687DA8073C9755A8458E5EF8CC4A6C2F7B5E8FE3EC7477D71F4CD35',1324,2,1,X'28B52FFD642C043D0200D40261677265657765206D6179207573657273747261696E206172746966696369616C20696E69676D6F64656C732E08006708AE3611AE0609232F14165531940D4360E3CD9F81C34A41D5');
INSERT INTO "blob" VALUES(5,X'2709316CEEEEE82BCF2AAD17CEFD72AF2E134437C417AC1E6C031D8AA396479E',1535,3,2,X'28B52FFD64FF049D0100D8417072696C57652077696C6C20776974686F7574636F6E73656E74060002A63500C6D8EDE5055BBA9A7CEECBBF22F2A37210032A2952');
INSERT INTO "blob" VALUES(6,X'9A602CB7DD7BFD1E215061A8DA5B343148067685BA22B3224762F77A4EC3BC2E',1333,4,2,X'28B52FFD643504850100E0417072696C57652077696C6C20776974686F7574636F6E73656E742E05004018D823E5854EBA9A595ACABFBE84E7209496A0B9');
CREATE TABLE capture (
        id integer primary key, document_id integer not null references document(id), source text not null,
        at text not null, fetched_at text not null, url text not null, final_url text not null,
        status integer not null, content_type text not null, headers text not null, redirects text not null,
        elapsed_ms integer not null, wire_bytes integer not null, address text not null, certificate text not null,
        declaration_id integer not null references declaration(id), tool text not null,
        blob_id integer not null references blob(id)) strict;
INSERT INTO "capture" VALUES(1,1,'live','2024-02-02T06:00:00Z','2024-02-02T06:00:00Z','https://tunely.example/terms','https://tunely.example/terms',200,'text/html; charset=utf-8','[["Content-Type", "text/html; charset=utf-8"]]','[]',0,0,'192.0.2.1','',1,'tracker/0.1.0',1);
INSERT INTO "capture" VALUES(2,1,'live','2024-02-04T06:00:00Z','2024-02-04T06:00:00Z','https://tunely.example/terms','https://tunely.example/terms',200,'text/html; charset=utf-8','[["Content-Type", "text/html; charset=utf-8"]]','[]',0,0,'192.0.2.1','',1,'tracker/0.1.0',3);
INSERT INTO "capture" VALUES(3,1,'live','2024-02-06T06:00:00Z','2024-02-06T06:00:00Z','https://tunely.example/terms','https://tunely.example/terms',200,'text/html; charset=utf-8','[["Content-Type", "text/html; charset=utf-8"]]','[]',0,0,'192.0.2.1','',1,'tracker/0.1.0',5);
CREATE TABLE change (
        id integer primary key, document_id integer not null references document(id), slug text not null unique,
        before_id integer not null references version(id), after_id integer not null unique references version(id),
        at text not null, window_from text, window_to text not null, counts text not null, unchanged integer not null,
        touched real not null, reverts_to integer references version(id), summary text not null, verdict text not null,
        ai_change integer not null, ai_kind text, topics text not null, stance_before text not null,
        stance_after text not null, silent integer not null, rules text not null) strict;
INSERT INTO "change" VALUES(1,1,'tunely/terms-of-use/2024-02-04-060000',1,2,'2024-02-04T06:00:00Z','2024-02-03T06:00:00Z','2024-02-04T06:00:00Z','{"added": 1}',15,3.14866480669589443586e-02,NULL,'1 clause added; 15 unchanged','Adds a right to train AI on uploaded content; no opt-out found',1,'added','["training"]','{}','{"training": "permits"}',1,'42d0a9e6d766f77c');
INSERT INTO "change" VALUES(2,1,'tunely/terms-of-use/2024-02-06-060000',2,3,'2024-02-06T06:00:00Z','2024-02-04T06:00:00Z','2024-02-06T06:00:00Z','{"reworded": 2}',14,8.58683095879861357779e-02,NULL,'2 clauses reworded; 14 unchanged','Now it may train AI on uploaded content only with your consent; before, it could train AI on that',1,'strengthened','["training"]','{"training": "permits"}','{"training": "opt-in"}',0,'42d0a9e6d766f77c');
CREATE TABLE "check" (
        id integer primary key, document_id integer not null references document(id), at text not null,
        source text not null, outcome text not null, reason text not null, message text not null,
        elapsed_ms integer not null) strict;
INSERT INTO "check" VALUES(1,1,'2024-02-02T06:00:00Z','live','captured','','',0);
INSERT INTO "check" VALUES(2,1,'2024-02-03T06:00:00Z','live','unchanged','','',0);
INSERT INTO "check" VALUES(3,1,'2024-02-04T06:00:00Z','live','captured','','',0);
INSERT INTO "check" VALUES(4,1,'2024-02-05T06:00:00Z','live','failed','fetcherror','Gone. Wait.',0);
INSERT INTO "check" VALUES(5,1,'2024-02-06T06:00:00Z','live','captured','','',0);
CREATE TABLE check_capture (
        check_id integer not null references "check"(id), position integer not null,
        capture_id integer not null references capture(id), primary key (check_id, position)) strict, without rowid;
INSERT INTO "check_capture" VALUES(1,0,1);
INSERT INTO "check_capture" VALUES(2,0,1);
INSERT INTO "check_capture" VALUES(3,0,2);
INSERT INTO "check_capture" VALUES(5,0,3);
CREATE TABLE clause (
        id integer primary key, hash blob not null unique, key text not null, kind text not null, text text not null,
        heading text not null, lead_in text not null, language text) strict;
INSERT INTO "clause" VALUES(1,X'B78123770A65647AB5E5330F725DC18EFA9860003C27EBA250A06BCE9D240F9A','7cc1b8f092ea5648','heading','Terms of Use','[]','','en');
INSERT INTO "clause" VALUES(2,X'FC0A7CDE2288D765EBDFB59AB8AD412C130FE5280972B42465DBB728549F5B4C','39bbd27ffd6756ea','paragraph','Last updated: 1 January 2024','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(3,X'8C9029B8DEF76547A46C6E41DACC81138A7DBC99C6DA296E05C1D2AEE27DC85A','60dce1477fdf9ee5','paragraph','Part access of these terms tells what you and we owe each other and how access can end.','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(4,X'12B347F03C987F71BA0AB3F593D9BCA52135AB7086B73A7E7119B1992F8B5982','ab4d496a04e725a8','paragraph','Part billing of these terms tells what you and we owe each other and how billing can end.','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(5,X'FE4C922EB8FC818FFB9C6E423A4A05CB6FF15F21FA2FA12CB65C515458173A51','da24f8808fd1ee23','paragraph','Part conduct of these terms tells what you and we owe each other and how conduct can end.','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(6,X'9A228DA20D7E2AC3048CD2257F20530FCE6DDB247C0A3DB7A96E5224F041D6F7','d28c42dbc4194c04','paragraph','Part disputes of these terms tells what you and we owe each other and how disputes can end.','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(7,X'FBA5420CB5038082E96A29566C70689312C7CF18FEBA4649681F86A24E21AF36','a596c02b71eae84a','paragraph','Part fees of these terms tells what you and we owe each other and how fees can end.','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(8,X'0687E59B9AB805A9BBB97533B13B8C30DA7ED4AC5D961C856B7BA4721BC1BA83','a6e30276e021c004','paragraph','Part guests of these terms tells what you and we owe each other and how guests can end.','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(9,X'7F53646B1F3B0B19C5E1095B106730770066FB6C41241A9D3C8065FAA776325D','f9dbf06ce0f4ccef','paragraph','Part hosting of these terms tells what you and we owe each other and how hosting can end.','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(10,X'D5D58878B9D44B185344BE1BE1D65422A5E72938B7D7800678F414217D55BD7D','2fb2a104225c6d74','paragraph','Part liability of these terms tells what you and we owe each other and how liability can end.','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(11,X'8F41CE845E8A9BED7FF885204B5BC61A4493637B028D09830C8D6F1697E35109','16a5c003f87aa0ed','paragraph','Part notices of these terms tells what you and we owe each other and how notices can end.','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(12,X'47B0186DFB6AA7FD6BA045CAF1FBBBC898C55E34BAFDD8E190C6BB976D494919','06385309fa585af8','paragraph','Part payments of these terms tells what you and we owe each other and how payments can end.','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(13,X'311E65EE00269183DEB4DAA0CE568DA2A5C08E4488B8ACB2FB1FECB97F9889DF','6d6acfc1547572bc','paragraph','Part refunds of these terms tells what you and we owe each other and how refunds can end.','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(14,X'392A4D3FC91988126090665F0E7BE7A200BEE79A0903C22EAC0E28EF1BD8BFDF','f28bd78060f6a144','paragraph','Part transfers of these terms tells what you and we owe each other and how transfers can end.','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(15,X'A0D0DE36CE9FA4A85FEBC3D1644B3380B174AC6B6C0037FF64554502BCA2DAF2','c6190537bf44c726','paragraph','You keep all rights in the music that you upload, and you grant us a licence to host it and to play it.','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(16,X'4E6C641B00A9D513603B33CD6CE05FCAE13363A43E20339821A17B5A289F8A41','4b2bb2cc8189ce62','paragraph','You agree that we may use your uploads to train artificial intelligence models.','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(17,X'CE5E84C7F8D9401C2598869DF78EBC8FA3CA8EF712E116BA2C8CB87B1E92D590','1a3c83b5f6109028','paragraph','Last updated: 1 April 2024','["Terms of Use"]','','en');
INSERT INTO "clause" VALUES(18,X'4AA6D4FDCD2F90F380FA57AB614B7CD82E3FCB002058F273F0B6E8020EF6CDA0','bcaf2febcf222677','paragraph','We will not use your uploads to train artificial intelligence models without your consent.','["Terms of Use"]','','en');
CREATE TABLE clause_change (
        change_id integer not null references change(id), position integer not null, kind text not null,
        detail text not null, flagged integer not null, before_clauses text not null, after_clauses text not null,
        primary key (change_id, position)) strict, without rowid;
INSERT INTO "clause_change" VALUES(1,0,'added','',1,'[]','[15]');
INSERT INTO "clause_change" VALUES(2,0,'reworded','',0,'[1]','[1]');
INSERT INTO "clause_change" VALUES(2,1,'reworded','',1,'[15]','[15]');
PRAGMA writable_schema=ON;
INSERT INTO sqlite_master(type,name,tbl_name,rootpage,sql)VALUES('table','clause_index','clause_index',0,'CREATE VIRTUAL TABLE clause_index using fts5(text, around, content='''', tokenize="unicode61 remove_diacritics 2")');
CREATE TABLE 'clause_index_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO "clause_index_config" VALUES('rank','bm25(3.0, 1.0)');
INSERT INTO "clause_index_config" VALUES('version',4);
CREATE TABLE 'clause_index_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO "clause_index_data" VALUES(1,X'12821733');
INSERT INTO "clause_index_data" VALUES(10,X'0000000102031200031101010101010201010000');
INSERT INTO "clause_index_data" VALUES(137438953473,X'000000500230311102040104323032341102060105617072696C11020501046C61737411020201026F66110601010301057465726D7311060101020107757064617465641102030202736511060101040406090A09090C0C');
INSERT INTO "clause_index_data" VALUES(274877906945,X'000000A00B306172746966696369616C12020A0107636F6E73656E7412020F010C696E74656C6C6967656E636512020B01066D6F64656C7312020C01036E6F7412020401026F66120601010301057465726D73120601010202016F12020802047261696E120209010775706C6F61647312020702027365120805010104010277651202020203696C6C120203030574686F757412020D0104796F75721204060A040F0C110B08090C06090C0A07080A');
INSERT INTO "clause_index_data" VALUES(2336462209025,X'000004D40230310202040104323032340202060101610F0210020563636573730304031002046772656510020302026C6C0F020402026E6403040A0701040A0701040A0701040A0701040A0701040A0701040A0701040A0701040A0701040A0701040A0701040A0701040C0B020972746966696369616C10020C010762696C6C696E6704040310010363616E03021201021201021201021201021201021201021201021201021201021201021201021202066F6E6475637405040310010864697370757465730604031001046561636803020D01020D01020D01020D01020D01020D01020D01020D01020D01020D01020D01020D02026E640302130102130102130102130102130102130102130102130102130102130102130102130104666565730704031001056772616E740F020E02057565737473080403100104686F73740F02130503696E67090403100301770302100102100102100102100102100102100102100102100102100102100102100102100102696E0F0206030A74656C6C6967656E636510020D0201740F04140601076A616E7561727902020501046B6565700F020301046C6173740202020208696162696C6974790A040310030563656E63650F021101036D617910020602056F64656C7310020E0204757369630F020801076E6F74696365730B04031001026F6601020301060101030108040101030108040101030108040101030108040101030108040101030108040101030108040101030108040101030108040101030108040101030108040101030108040101030106010103010601010302047468657203020E01020E01020E01020E01020E01020E01020E01020E01020E01020E01020E01020E0202776503020C01020C01020C01020C01020C01020C01020C01020C01020C01020C01020C01020C0104706172740302020102020102020102020102020102020102020102020102020102020102020102020306796D656E74730C04031002036C61790F02170107726566756E64730D040310020569676874730F0205010574656C6C730302070102070102070102070102070102070102070102070102070102070102070102070303726D7301020201060101020108060101020108060101020108060101020108060101020108060101020108060101020108060101020108060101020108060101020108060101020108060101020108060101020106010102010601010202036861740F02090102040301650F02070402736503020501020501020501020501020501020501020501020501020501020501020501020502016F0F04120601020A02047261696E10020B04066E73666572730E04031001077570646174656402020303046C6F61640F020B0701731002090201730F020F030165010204010601010401060101040106010104010601010401060101040106010104010601010401060101040106010104010601010401060101040106010104010601010401060101040108070101040102776503020B01020B01020B01020B01020B01020B01020B01020B01020B01020B01020B01020B02020502036861740302080102080102080102080102080102080102080102080102080102080102080102080103796F750302090102090102090102090102090102090102090102090102090102090102090102090106020A05010202040172100208040609060B0907380E0D290C0E2A280A0A0B090927070F070C09090E0A080A090D5E2A282A0C080D0A2B5F0B06280A090C0C090606522B2931');
CREATE TABLE 'clause_index_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
INSERT INTO "clause_index_docsize" VALUES(1,X'0300');
INSERT INTO "clause_index_docsize" VALUES(2,X'0503');
INSERT INTO "clause_index_docsize" VALUES(3,X'1203');
INSERT INTO "clause_index_docsize" VALUES(4,X'1203');
INSERT INTO "clause_index_docsize" VALUES(5,X'1203');
INSERT INTO "clause_index_docsize" VALUES(6,X'1203');
INSERT INTO "clause_index_docsize" VALUES(7,X'1203');
INSERT INTO "clause_index_docsize" VALUES(8,X'1203');
INSERT INTO "clause_index_docsize" VALUES(9,X'1203');
INSERT INTO "clause_index_docsize" VALUES(10,X'1203');
INSERT INTO "clause_index_docsize" VALUES(11,X'1203');
INSERT INTO "clause_index_docsize" VALUES(12,X'1203');
INSERT INTO "clause_index_docsize" VALUES(13,X'1203');
INSERT INTO "clause_index_docsize" VALUES(14,X'1203');
INSERT INTO "clause_index_docsize" VALUES(15,X'1703');
INSERT INTO "clause_index_docsize" VALUES(16,X'0D03');
INSERT INTO "clause_index_docsize" VALUES(17,X'0503');
INSERT INTO "clause_index_docsize" VALUES(18,X'0E03');
CREATE TABLE 'clause_index_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
INSERT INTO "clause_index_idx" VALUES(1,X'',2);
INSERT INTO "clause_index_idx" VALUES(2,X'',2);
INSERT INTO "clause_index_idx" VALUES(17,X'',2);
CREATE TABLE declaration (
        id integer primary key, document_id integer not null references document(id), sha256 text not null unique,
        body text not null, first_used text not null) strict;
INSERT INTO "declaration" VALUES(1,1,'dad653dbd2dc755237400811f841a4fbc476a4262ab40116e795bb61f01c6236','{"name":"Tunely","terms":{"Terms of Use":{"fetch":"https://tunely.example/terms"}}}','2024-02-02T06:00:00Z');
CREATE TABLE document (
        id integer primary key, slug text not null unique, platform_slug text not null, platform text not null,
        terms_type text not null, category text not null default '', derived_by text not null default '') strict;
INSERT INTO "document" VALUES(1,'tunely/terms-of-use','tunely','Tunely','Terms of Use','','140f4d9237a0e43c');
CREATE TABLE flag (
        id integer primary key, clause_id integer not null references clause(id), rule text not null,
        topic text not null, stance text, quote text not null, spans text not null, why text not null,
        severity integer not null) strict;
INSERT INTO "flag" VALUES(1,16,'training.models','training','permits','You agree that we may use your uploads to train artificial intelligence models.','[[15, 25], [42, 47], [42, 78], [48, 71], [72, 78]]','What was used to train a model cannot be taken out of it again.',3);
INSERT INTO "flag" VALUES(2,16,'training.phrase','training','permits','You agree that we may use your uploads to train artificial intelligence models.','[[15, 25], [42, 47], [42, 78], [48, 71], [72, 78]]','What was used to train a model cannot be taken out of it again.',3);
INSERT INTO "flag" VALUES(3,16,'training.improve','training','permits','You agree that we may use your uploads to train artificial intelligence models.','[[15, 25], [42, 47], [42, 78], [48, 71], [72, 78]]','To develop or improve AI with your data is to train it, in other words.',3);
INSERT INTO "flag" VALUES(4,18,'training.models','training','opt-in','We will not use your uploads to train artificial intelligence models without your consent.','[[0, 11], [32, 37], [32, 68], [38, 61], [62, 68], [69, 89]]','What was used to train a model cannot be taken out of it again.',3);
INSERT INTO "flag" VALUES(5,18,'training.phrase','training','opt-in','We will not use your uploads to train artificial intelligence models without your consent.','[[0, 11], [32, 37], [32, 68], [38, 61], [62, 68], [69, 89]]','What was used to train a model cannot be taken out of it again.',3);
INSERT INTO "flag" VALUES(6,18,'training.improve','training','opt-in','We will not use your uploads to train artificial intelligence models without your consent.','[[0, 11], [32, 37], [32, 68], [38, 61], [62, 68], [69, 89]]','To develop or improve AI with your data is to train it, in other words.',3);
CREATE TABLE judgement (
        clause_id integer primary key references clause(id), rules text not null, mentions_ai integer not null,
        topics text not null, stance text not null, possibly text not null, traits text not null) strict;
INSERT INTO "judgement" VALUES(1,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(2,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(3,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(4,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(5,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(6,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(7,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(8,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(9,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(10,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(11,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(12,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(13,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(14,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(15,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(16,'42d0a9e6d766f77c',1,'["training"]','{"training": "permits"}','[]','["object:content", "act:platform"]');
INSERT INTO "judgement" VALUES(17,'42d0a9e6d766f77c',0,'[]','{}','[]','[]');
INSERT INTO "judgement" VALUES(18,'42d0a9e6d766f77c',1,'["training"]','{"training": "opt-in"}','[]','["object:content", "act:platform"]');
CREATE TABLE lineage (
        id integer primary key, document_id integer not null references document(id), language text,
        key text not null, name text not null, unique (document_id, name)) strict;
INSERT INTO "lineage" VALUES(1,1,'en','7cc1b8f092ea5648','7cc1b8f092ea5648');
INSERT INTO "lineage" VALUES(2,1,'en','39bbd27ffd6756ea','39bbd27ffd6756ea');
INSERT INTO "lineage" VALUES(3,1,'en','60dce1477fdf9ee5','60dce1477fdf9ee5');
INSERT INTO "lineage" VALUES(4,1,'en','ab4d496a04e725a8','ab4d496a04e725a8');
INSERT INTO "lineage" VALUES(5,1,'en','da24f8808fd1ee23','da24f8808fd1ee23');
INSERT INTO "lineage" VALUES(6,1,'en','d28c42dbc4194c04','d28c42dbc4194c04');
INSERT INTO "lineage" VALUES(7,1,'en','a596c02b71eae84a','a596c02b71eae84a');
INSERT INTO "lineage" VALUES(8,1,'en','a6e30276e021c004','a6e30276e021c004');
INSERT INTO "lineage" VALUES(9,1,'en','f9dbf06ce0f4ccef','f9dbf06ce0f4ccef');
INSERT INTO "lineage" VALUES(10,1,'en','2fb2a104225c6d74','2fb2a104225c6d74');
INSERT INTO "lineage" VALUES(11,1,'en','16a5c003f87aa0ed','16a5c003f87aa0ed');
INSERT INTO "lineage" VALUES(12,1,'en','06385309fa585af8','06385309fa585af8');
INSERT INTO "lineage" VALUES(13,1,'en','6d6acfc1547572bc','6d6acfc1547572bc');
INSERT INTO "lineage" VALUES(14,1,'en','f28bd78060f6a144','f28bd78060f6a144');
INSERT INTO "lineage" VALUES(15,1,'en','c6190537bf44c726','c6190537bf44c726');
INSERT INTO "lineage" VALUES(16,1,'en','4b2bb2cc8189ce62','4b2bb2cc8189ce62');
CREATE TABLE lineage_event (
        id integer primary key, lineage_id integer not null references lineage(id),
        version_id integer not null references version(id), kind text not null,
        before_id integer references clause(id), after_id integer references clause(id),
        related text not null) strict;
INSERT INTO "lineage_event" VALUES(1,1,1,'first',NULL,1,'[]');
INSERT INTO "lineage_event" VALUES(2,2,1,'first',NULL,2,'[]');
INSERT INTO "lineage_event" VALUES(3,3,1,'first',NULL,3,'[]');
INSERT INTO "lineage_event" VALUES(4,4,1,'first',NULL,4,'[]');
INSERT INTO "lineage_event" VALUES(5,5,1,'first',NULL,5,'[]');
INSERT INTO "lineage_event" VALUES(6,6,1,'first',NULL,6,'[]');
INSERT INTO "lineage_event" VALUES(7,7,1,'first',NULL,7,'[]');
INSERT INTO "lineage_event" VALUES(8,8,1,'first',NULL,8,'[]');
INSERT INTO "lineage_event" VALUES(9,9,1,'first',NULL,9,'[]');
INSERT INTO "lineage_event" VALUES(10,10,1,'first',NULL,10,'[]');
INSERT INTO "lineage_event" VALUES(11,11,1,'first',NULL,11,'[]');
INSERT INTO "lineage_event" VALUES(12,12,1,'first',NULL,12,'[]');
INSERT INTO "lineage_event" VALUES(13,13,1,'first',NULL,13,'[]');
INSERT INTO "lineage_event" VALUES(14,14,1,'first',NULL,14,'[]');
INSERT INTO "lineage_event" VALUES(15,15,1,'first',NULL,15,'[]');
INSERT INTO "lineage_event" VALUES(16,16,2,'added',NULL,16,'[]');
INSERT INTO "lineage_event" VALUES(17,2,3,'reworded',2,17,'[]');
INSERT INTO "lineage_event" VALUES(18,16,3,'reworded',16,18,'[]');
CREATE TABLE reading (
        check_id integer primary key references "check"(id), verdict text not null, reasons text not null,
        message text not null, version_id integer references version(id) deferrable initially deferred) strict;
INSERT INTO "reading" VALUES(1,'good','','',1);
INSERT INTO "reading" VALUES(2,'good','','',1);
INSERT INTO "reading" VALUES(3,'good','','',2);
INSERT INTO "reading" VALUES(5,'good','','',3);
CREATE TABLE relative (
        document_id integer not null references document(id), page text not null, url text not null,
        text text not null, terms_type text not null, first_seen text not null, is_new integer not null,
        primary key (document_id, page)) strict, without rowid;
CREATE TABLE robots (host text primary key, at text not null, status integer not null, body text not null) strict, without rowid;
CREATE TABLE skipped (
        document_id integer not null references document(id), source text not null, url text not null,
        at text not null, reason text not null, primary key (document_id, source, url, at)) strict, without rowid;
CREATE TABLE turn (
        document text primary key, host text not null, due_at text not null, leased_until text,
        failures integer not null, confirms integer not null, note text not null) strict, without rowid;
CREATE TABLE validator (
        document_id integer not null references document(id), url text not null,
        capture_id integer not null references capture(id), etag text not null, last_modified text not null, asked_at text not null default '',
        primary key (document_id, url)) strict, without rowid;
INSERT INTO "validator" VALUES(1,'https://tunely.example/terms',3,'','','2024-02-06T06:00:00Z');
CREATE TABLE version (
        id integer primary key, document_id integer not null references document(id),
        check_id integer not null unique references "check"(id), at text not null,
        blob_id integer not null references blob(id), text_sha256 text not null, substance_sha256 text not null,
        words integer not null, clauses integer not null, title text not null, language text,
        stated_date text, effective_date text, method text not null, confidence real not null,
        warnings text not null) strict;
INSERT INTO "version" VALUES(1,1,1,'2024-02-02T06:00:00Z',2,'7ebd1da87b197125bc5fcb52bbbf4f6e08879bcfbab7b64cc6f45279db82f3ce','4268ca586abdcee6835f79f081cd19f70fa0975416ae83c5fd4abe1996899225',247,15,'Terms of Use','en','2024-01-01',NULL,'main',0.93,'[]');
INSERT INTO "version" VALUES(2,1,3,'2024-02-04T06:00:00Z',4,'2035fc19b687da8073c9755a8458e5ef8cc4a6c2f7b5e8fe3ec7477d71f4cd35','c911d0d3bbd084a3446448790584dcec418daf9ed31741d24ae4e7b5404f6cc2',260,16,'Terms of Use','en','2024-01-01',NULL,'main',0.95,'[]');
INSERT INTO "version" VALUES(3,1,5,'2024-02-06T06:00:00Z',6,'9a602cb7dd7bfd1e215061a8da5b343148067685ba22b3224762f77a4ec3bc2e','2b6b9dba97a9e3b164943d8e7ea1a67fdb371bfbbcc2a4a8ab3cd191918bff81',261,16,'Terms of Use','en','2024-04-01',NULL,'main',0.95,'[]');
CREATE TABLE version_clause (
        version_id integer not null references version(id), position integer not null,
        clause_id integer not null references clause(id), lineage_id integer references lineage(id), primary key (version_id, position)) strict, without rowid;
INSERT INTO "version_clause" VALUES(1,0,1,1);
INSERT INTO "version_clause" VALUES(1,1,2,2);
INSERT INTO "version_clause" VALUES(1,2,3,3);
INSERT INTO "version_clause" VALUES(1,3,4,4);
INSERT INTO "version_clause" VALUES(1,4,5,5);
INSERT INTO "version_clause" VALUES(1,5,6,6);
INSERT INTO "version_clause" VALUES(1,6,7,7);
INSERT INTO "version_clause" VALUES(1,7,8,8);
INSERT INTO "version_clause" VALUES(1,8,9,9);
INSERT INTO "version_clause" VALUES(1,9,10,10);
INSERT INTO "version_clause" VALUES(1,10,11,11);
INSERT INTO "version_clause" VALUES(1,11,12,12);
INSERT INTO "version_clause" VALUES(1,12,13,13);
INSERT INTO "version_clause" VALUES(1,13,14,14);
INSERT INTO "version_clause" VALUES(1,14,15,15);
INSERT INTO "version_clause" VALUES(2,0,1,1);
INSERT INTO "version_clause" VALUES(2,1,2,2);
INSERT INTO "version_clause" VALUES(2,2,3,3);
INSERT INTO "version_clause" VALUES(2,3,4,4);
INSERT INTO "version_clause" VALUES(2,4,5,5);
INSERT INTO "version_clause" VALUES(2,5,6,6);
INSERT INTO "version_clause" VALUES(2,6,7,7);
INSERT INTO "version_clause" VALUES(2,7,8,8);
INSERT INTO "version_clause" VALUES(2,8,9,9);
INSERT INTO "version_clause" VALUES(2,9,10,10);
INSERT INTO "version_clause" VALUES(2,10,11,11);
INSERT INTO "version_clause" VALUES(2,11,12,12);
INSERT INTO "version_clause" VALUES(2,12,13,13);
INSERT INTO "version_clause" VALUES(2,13,14,14);
INSERT INTO "version_clause" VALUES(2,14,15,15);
INSERT INTO "version_clause" VALUES(2,15,16,16);
INSERT INTO "version_clause" VALUES(3,0,1,1);
INSERT INTO "version_clause" VALUES(3,1,17,2);
INSERT INTO "version_clause" VALUES(3,2,3,3);
INSERT INTO "version_clause" VALUES(3,3,4,4);
INSERT INTO "version_clause" VALUES(3,4,5,5);
INSERT INTO "version_clause" VALUES(3,5,6,6);
INSERT INTO "version_clause" VALUES(3,6,7,7);
INSERT INTO "version_clause" VALUES(3,7,8,8);
INSERT INTO "version_clause" VALUES(3,8,9,9);
INSERT INTO "version_clause" VALUES(3,9,10,10);
INSERT INTO "version_clause" VALUES(3,10,11,11);
INSERT INTO "version_clause" VALUES(3,11,12,12);
INSERT INTO "version_clause" VALUES(3,12,13,13);
INSERT INTO "version_clause" VALUES(3,13,14,14);
INSERT INTO "version_clause" VALUES(3,14,15,15);
INSERT INTO "version_clause" VALUES(3,15,18,16);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX blob_base on blob(base_id);
CREATE INDEX declaration_document on declaration(document_id);
CREATE INDEX capture_document on capture(document_id, at);
CREATE INDEX capture_blob on capture(blob_id);
CREATE INDEX check_document on "check"(document_id, at);
CREATE INDEX check_capture_capture on check_capture(capture_id);
CREATE INDEX version_document on version(document_id, at);
CREATE INDEX clause_key on clause(key);
CREATE INDEX version_clause_clause on version_clause(clause_id);
CREATE INDEX flag_clause on flag(clause_id);
CREATE INDEX change_document on change(document_id, at);
CREATE INDEX change_at on change(at);
CREATE VIEW check_outcome as
        select c.id, c.document_id, c.at, c.source, c.elapsed_ms, r.version_id,
            case r.verdict when 'not-document' then 'blocked' when 'suspect' then 'suspect'
                else c.outcome end as outcome,
            case when r.verdict in ('not-document', 'suspect') then r.reasons else c.reason end as reason,
            coalesce(nullif(r.message, ''), c.message) as message
        from "check" c left join reading r on r.check_id = c.id;
CREATE INDEX turn_due on turn(due_at);
CREATE INDEX lineage_key on lineage(document_id, key);
CREATE INDEX lineage_event_lineage on lineage_event(lineage_id);
CREATE INDEX lineage_event_version on lineage_event(version_id);
CREATE INDEX lineage_event_before on lineage_event(before_id);
CREATE INDEX lineage_event_after on lineage_event(after_id);
CREATE INDEX version_clause_lineage on version_clause(lineage_id);
PRAGMA writable_schema=OFF;
commit;
