//! Files of every form that the grammar takes, with white space, line ends and comments between any two tokens.

use super::formatted;
use proptest::prelude::*;

/// A file made of a row of random choices; where they end, the first of each is taken.
struct Draft<'c> {
    choices: std::slice::Iter<'c, u8>,
    text: String,
    comments: Vec<String>,
}

impl Draft<'_> {
    fn pick(&mut self, of: usize) -> usize {
        self.choices.next().map_or(0, |&choice| usize::from(choice) % of)
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.pick(of.len())]
    }

    /// White space, perhaps with comments in it.
    fn gap(&mut self) {
        for _ in 0..1 + self.pick(8) / 6 {
            let gap = self.one(&[
                " ",
                "\n",
                "  ",
                " \t",
                "\n\n",
                "\r\n",
                "\n  \n\n\t",
                "\r",
                "#",
                " #",
                "\n\n#",
                "\n    #",
            ]);
            self.text.push_str(gap);
            if gap.ends_with('#') {
                self.comment();
            }
        }
    }

    fn comment(&mut self) {
        let says = self.one(&[" on ", "", " \"{", " allow: unknown-sku -- why", "# เสื้อ 👕", " a, b }\t"]);
        let text = format!("{says}{}", self.comments.len());
        self.comments.push(format!("#{text}"));
        let end = self.one(&["\n", "\r\n", "\r", "  \n", "\n\n\n"]);
        self.text.push_str(&format!("{text}{end}"));
    }

    /// Tokens, each with a gap before it.
    fn say(&mut self, tokens: &[&str]) {
        for token in tokens {
            self.gap();
            self.text.push_str(token);
        }
    }

    fn comma(&mut self) {
        if self.pick(3) == 0 {
            self.gap();
        }
        self.text.push(',');
    }

    fn name(&mut self) {
        let name = self.one(&["a", "jakarta", "b-2", "a_quite_long_name_of_a_store_in_asia", "shopee_id"]);
        self.say(&[name]);
    }

    fn string(&mut self) {
        let text = self.one(&[
            "\"A\"",
            "\"#\"",
            "\"เสื้อ-👕-*\"",
            "\"a\\\"b\\\\\"",
            "\"NIKE-AIR-FORCE-ONE-LOW-WHITE-42\"",
            "\"{ ,\t}\"",
        ]);
        self.say(&[text]);
    }

    fn atom(&mut self) {
        let atom = self.one(&["5", "12.5%", "1_000", "2026-11-27", "2026-11-27 18:00", "-3"]);
        self.say(&[atom]);
    }

    fn items(&mut self) {
        for at in 0..1 + self.pick(9) {
            if at > 0 {
                self.comma();
            }
            if self.pick(2) == 0 { self.name() } else { self.string() }
        }
    }

    fn list(&mut self) {
        self.items();
        if self.pick(4) == 0 {
            self.comma();
        }
        if self.pick(3) == 0 {
            self.say(&["except"]);
            self.items();
        }
    }

    fn pairs(&mut self, least: usize, mut key: impl FnMut(&mut Self)) {
        let count = least + self.pick(5);
        for at in 0..count {
            if at > 0 {
                self.comma();
            }
            key(self);
            self.atom();
        }
        if count > 0 && self.pick(4) == 0 {
            self.comma();
        }
    }

    fn fields(&mut self, count: usize) {
        for _ in 0..count {
            let key = self.one(&[
                "skus",
                "order",
                "rate",
                "split",
                "active",
                "cap",
                "priority",
                "warehouses",
                "floor",
            ]);
            self.say(&[key]);
            match key {
                "skus" | "warehouses" if self.pick(5) == 0 => self.say(&["all"]),
                "skus" | "warehouses" => self.list(),
                "split" => self.pairs(1, Self::name),
                "active" => {
                    self.say(&["from"]);
                    self.atom();
                }
                "priority" => {
                    self.say(&["store"]);
                    self.name();
                    self.say(&["below"]);
                    self.atom();
                }
                _ => self.atom(),
            }
        }
    }

    fn rule(&mut self) {
        let off = self.pick(3) == 0;
        self.say(&["rule"]);
        self.string();
        self.say(if off { &["off", "{"] } else { &["{"] });
        // Of a field that nobody knows, the value begins on its line, and no comma is before it.
        for _ in 0..self.pick(3) {
            let field = self.one(&["\nfoo 5", "\nbar \"A\", b", "\nfoo-bar all except a"]);
            self.say(&[field]);
        }
        let count = self.pick(6);
        self.fields(count);
        for _ in 0..self.pick(3) {
            self.say(&["store"]);
            self.name();
            self.say(&["{"]);
            let count = self.pick(4);
            self.fields(count);
            self.say(&["}"]);
        }
        let count = self.pick(3);
        self.fields(count);
        self.say(&["}"]);
    }

    fn test(&mut self) {
        self.say(&["test"]);
        self.string();
        self.say(&["{"]);
        for _ in 0..self.pick(5) {
            let key = self.one(&["at", "stock", "bundle", "expect"]);
            self.say(&[key]);
            if key == "at" {
                self.atom();
                continue;
            }
            self.say(&["\"NIKE\"", "{"]);
            self.pairs(0, if key == "bundle" { Self::string } else { Self::name });
            self.say(&["}"]);
        }
        self.say(&["}"]);
    }

    fn item(&mut self) {
        match self.pick(4) {
            0 => self.rule(),
            1 => self.test(),
            _ => {
                self.say(&["let"]);
                self.name();
                self.say(&["="]);
                self.list();
            }
        }
    }
}

fn draft(choices: &[u8]) -> (String, Vec<String>) {
    let mut draft = Draft { choices: choices.iter(), text: String::new(), comments: Vec::new() };
    for _ in 0..draft.pick(6) {
        draft.item();
    }
    draft.gap();
    (draft.text, draft.comments)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_file_keeps_its_meaning_and_its_comments(choices in prop::collection::vec(any::<u8>(), 0..600)) {
        let (text, comments) = draft(&choices);
        let once = formatted(&text);
        let Ok(once) = once else { panic!("{once:?} of\n{text}\n=>\n{}", super::unproven(&text)) };
        let again = formatted(&once);
        prop_assert_eq!(again.as_ref(), Ok(&once), "of\n{}", &text);
        // Their texts end in numbers: none of them is in another.
        for comment in &comments {
            let found = once.lines().filter(|line| line.trim_end().ends_with(comment.as_str())).count();
            prop_assert_eq!(found, 1, "{} in\n{}", comment, &once);
        }
        prop_assert!(once.lines().all(|line| !line.ends_with([' ', '\t'])), "white space at line ends:\n{}", &once);
        prop_assert!(!once.contains("\n\n\n") && !once.starts_with('\n') && !once.ends_with("\n\n"), "{}", &once);
    }
}
