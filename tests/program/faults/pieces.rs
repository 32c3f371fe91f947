//! The faulty pieces.

/// Rules, lists and tests. `§` makes names, orders and SKUs unique.
pub const RULES: &[&str] = &[
    // Syntax, as people get it wrong.
    "rule \"§\" {\n  order §\n  skus \"A§\" «syntax»\"B§\"\n  warehouses all stores all\n}",
    "rule \"§\" {\n  order §\n  skus «syntax»\"A§\n  warehouses all\n  stores all\n}",
    "rule \"§\" {\n  order §\n  skus «syntax»'A§'\n  warehouses all\n  stores all\n}",
    "rule \"§\" {\n  order §\n  skus «syntax»“A§”\n  warehouses all\n  stores all\n}",
    "rule \"§\" {\n  order §«syntax»;\n  skus \"A§\"\n  warehouses all\n  stores all\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  rate 50 «syntax»%\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  threshold «syntax»= 5\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses jakarta «syntax»batam\n  stores all\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\",«syntax», \"B§\"\n  warehouses all\n  stores all\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  threshold«syntax»\n  cap 7\n}",
    "rule \"§\" {\n  order §\n  skus \"A§«syntax»\\n\"\n  warehouses all\n  stores all\n}",
    "rule \"§\" {\n  order §\n  skus \"ก§\", \"B§«syntax»\\x\"\n  warehouses all\n  stores all\n}",
    "rule \"§\" {\n  order §\n  skus «syntax»\"\"\n  warehouses all\n  stores all\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\", «syntax»all\n  warehouses all\n  stores all\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\" except «syntax»all\n  warehouses all\n  stores all\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  round «syntax»donw\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  priority store shopee_id «syntax»under 20\n}",
    "rule \"§\" {\n  order §\n  skus «syntax»[\"A§\", \"B§\"]\n  warehouses all\n  stores «syntax»(shopee_id , lazada_id)\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  store lazada_id«syntax»\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  active from 2026-11-27 «unknown-field»to 2026-11-28\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  cap 1«syntax»,000\n  rate 50«syntax»,5%\n}",
    "«syntax»rul \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n}",
    "«syntax»// § is no comment",
    "let l§ = «syntax»all",
    "let l§«syntax» \"A§\"",
    "test \"§\" { stock «syntax»A§ { jakarta 1 } }",
    "test \"§\" { expect \"A§\" { shopee_id 1 «syntax»lazada_id 2 } }",
    // Fields.
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  «unknown-field»colour 5\n}",
    "rule \"§\" {\n  order §\n  «unknown-field»treshold 5\n  skus \"A§\"\n  warehouses all\n  stores all\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  store shopee_id { «unknown-field»threshold 5 cap 2 }\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  cap 5\n  rate 5%\n  «duplicate-field»cap 6\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  «duplicate-field»skus \"B§\"\n  warehouses all\n  stores all\n}",
    "«missing-field»rule \"§\" {\n  order §\n  skus \"A§\"\n  stores all\n}",
    "\t«missing-field»rule \"§\" off { skus \"A§\" warehouses all stores all }",
    // Values.
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  threshold «bad-quantity»5x\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  reserve «bad-quantity»4294967296\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  cap «bad-quantity»1__0  floor «bad-quantity»-1\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  plus «bad-quantity»5%\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  rate «bad-percentage»50\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  rate «bad-percentage»1000.01%\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  store tiktok_id { rate «bad-percentage»1.234% }\n}",
    "rule \"§\" {\n  order §\n  active from «bad-moment»2026-13-01\n  skus \"A§\"\n  warehouses all\n  stores all\n}",
    "rule \"§\" {\n  order §\n  active from «bad-moment»27.11.2026\n  skus \"A§\"\n  warehouses all\n  stores all\n}",
    "rule \"§\" {\n  order §\n  active until «bad-moment»2026-03-29 02:30\n  skus \"A§\"\n  warehouses all\n  stores all\n}",
    "rule \"§\" {\n  order §\n  active from «bad-moment»27/11/2026 until «bad-moment»28/11/2026\n  skus \"A§\"\n  warehouses all\n  stores all\n}",
    "rule \"§\" { order § skus \"A§\" warehouses all stores all split shopee_id «bad-quantity»50%, lazada_id «bad-quantity»-1 }",
    "rule \"§\" {\n  order §\n  «empty-window»active from 2026-11-28 until 2026-11-27\n  skus \"A§\"\n  warehouses all\n  stores all\n}",
    // Names.
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses jakarta, «unknown-warehouse»btam\n  stores all\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all except «unknown-warehouse»shopee_id\n  stores all\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores «unknown-store»shoppe_id, lazada_id, «unknown-store»amazon\n}",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores all\n  priority store «unknown-store»nowhere below 9\n}",
    "rule \"§\" {\n  order §\n  skus «unknown-list»shoes\n  warehouses all\n  stores all\n}",
    "let l§ = \"A§\", «unknown-list»nope",
    "let l§ = \"A§\", «mixed-list»jakarta",
    "rule \"§\" {\n  order §\n  skus «mixed-list»all_names§, \"A§\"\n  warehouses all\n  stores all\n}\nlet all_names§ = jakarta, batam",
    "let a§ = «list-cycle»b§\nlet b§ = \"X\", a§",
    "let l§ = «empty-list»jakarta except jakarta, batam",
    "rule \"§\" {\n  order §\n  skus \"A§\"\n  warehouses all\n  stores «empty-list»all except shopee_id, lazada_id, tiktok_id\n}",
    "let l§ = \"A§\"\nlet «duplicate-list»l§ = \"B§\"",
    // Rules among each other.
    "rule \"§\" { order § skus \"A§\" warehouses all stores all }\nrule «duplicate-rule»\"§\" { order §0 skus \"B§\" warehouses all stores all }",
    "rule \"§\" { order § skus \"A§*\" warehouses all stores all }\nrule \"§ b\" { order «ambiguous-order»§ skus \"*§B\" warehouses all stores all }",
    "test \"§\" { }\ntest «duplicate-test»\"§\" { }",
    // Stores within a rule.
    "rule \"§\" { order § skus \"A§\" warehouses all stores shopee_id priority store «priority-store-not-in-stores»lazada_id below 9 }",
    "rule \"§\" { order § skus \"A§\" warehouses all stores shopee_id store «override-store-not-in-stores»lazada_id { cap 9 } }",
    "rule \"§\" {\n  order § skus \"A§\" warehouses all stores all\n  store shopee_id { cap 1 }\n  store «duplicate-override»shopee_id { cap 2 }\n}",
    "rule \"§\" { order § skus \"A§\" warehouses all stores shopee_id split shopee_id 1, «split-store-not-in-stores»tiktok_id 2 }",
    "rule \"§\" { order § skus \"A§\" warehouses all stores all split shopee_id 1, «split-conflict»shopee_id 2 }",
    "rule \"§\" { order § skus \"A§\" warehouses all stores all split shopee_id 1 rate «split-conflict»120% }",
    // Tests.
    "test \"§\" { at «bad-moment»tomorrow§ }",
    "test \"§\" { stock \"A§\" { «unknown-warehouse»jkt 1 } expect \"A§\" { «unknown-store»shop 1 } }",
    "test \"§\" { expect \"A§\" { shopee_id «bad-quantity»-1 } }",
    "test \"§\" { expect «test-needs-moment»\"W§\" { shopee_id 1 } }\nrule \"§\" { order § active from 2026-11-27 skus \"W§\" warehouses all stores all }",
];

/// Rows of `sku,name,note`.
pub const SKUS: &[&str] = &[
    "G-§,good,",
    "«bad-row»,no SKU,",
    "«bad-row»X-§",
    "Y-§,a,b,«bad-row»c",
    "ก-§,\"quoted\"«bad-row» not,",
    "D-§,\"27\"\" screen, large\",",
    "«duplicate-row»A-1,again,",
];

/// Rows of `sku,warehouse,available,as_of`.
pub const STOCK: &[&str] = &[
    "G-§,jakarta,7,",
    "\"G-§\",«unknown-warehouse»jakrta,7,",
    "«bad-row»,,,",
    "A-1,batam,«bad-row»1.5,",
    "A-1,batam,«bad-row»5 pcs,",
    "\"G-§\",batam,«bad-row»4294967296,",
    "A-2,batam,«bad-row»,",
    "A-2,batam,1,«bad-moment»27/11/2026",
    "A-2,«bad-row»,1,2026-11-27",
    "«duplicate-row»G-§,jakarta,7,",
];

/// Rows of `note,units,sku,store,store_sku`.
pub const MAPPINGS: &[&str] = &[
    ",,G-§,shopee_id,S-§",
    "ก,«bad-row»0,G-§,outlet,o-§",
    ",«bad-row»two,G-§,outlet,p-§",
    ",,G-§,«unknown-store»shopee,S-§",
    ",,G-§,shopee_id,«bad-row»",
    ",,A-1,shopee_id,«mapping-conflict»S-§",
    ",2,G-§,shopee_id,«duplicate-row»S-§",
    "«bad-row»,,G-§,shopee_id",
];

/// A whole configuration.
pub const YAML: &str = "# ก
«bad-config»timezon: Asia/Jakarta
timezone: «bad-config»Asia/Jakata
inventory_features: «bad-config»on
rules: «bad-config»../rules
catalog: { stock: «bad-config»/etc/stock.csv, «bad-config»skuz: x.csv, mappings: catalog/mappings.csv }
warehouses: [jakarta, «bad-name»Batam, «bad-config»jakarta, «bad-name»all]
stores:
  shopee_id:
    connector: csv
    settings: { path: stores/a.csv }
    «bad-config»setings: {}
    fulfil_from: [jakarta, «unknown-warehouse»jakrta]
    limits: { requests_per_second: «bad-config»-1, concurrency: «bad-config»0 }
    paused: «bad-config»yes
    read_before: «bad-config»sometimes
  «bad-config»lazada_id:
    settings: { path: b.csv }
  «bad-name»1st: { connector: csv, settings: { path: c.csv } }
  «bad-config»shopee_id: { connector: csv }
  outlet:
    connector: csv
    settings: { path: d.csv }
    secrets: { token: «bad-config»shpat_123 }
limits: { rules: «bad-config»many }
guards: { to_zero: «bad-config»20, «bad-config»to_one: 5% }
on_release: «bad-config»kepp
lint: { «bad-config»unmaped: info, unmapped-store: «bad-config»never, «bad-config»syntax: warn }
state: «bad-config»mysql:x
plugins: [«bad-config»/usr/lib]
";
