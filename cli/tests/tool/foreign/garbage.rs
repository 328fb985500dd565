//! Tables in drawn dialects are read to the same numbers or refused; garbage never panics and takes no time.
use std::io::Write;
use std::time::{Duration, Instant};

use super::{CURVE, fit, plain};

/// A stream of draws (splitmix64).
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[(self.next() % all.len() as u64) as usize]
    }
}

/// The plain table in a drawn dialect; what it was made of.
fn written(draws: &mut Draws) -> (Vec<u8>, String) {
    let delimiter = draws.of(&[",", ";", "\t", "|", "  ", " ; "]);
    let decimal = draws.of(&[".", ".", ","]);
    let thousands = draws.of(&["", "", "", ",", ".", " ", "'", "_", "\u{a0}"]);
    let (quote, end) = (draws.of(&["", "", "\""]), draws.of(&["\n", "\r\n", "\r"]));
    let comment = draws.of(&["", "", "# made\n", "% made\n", "// made\n", "Results\n\n"]).replace('\n', end);
    let (last, empty) = (draws.of(&["", end]), draws.of(&["", "", end]));
    let (encoding, packed) =
        (draws.of(&["8", "8", "mark", "16le", "16be", "16le-mark"]), draws.of(&[false, false, true]));
    let header = draws.of(&["n,error", "N,Error", "error,n", "images,err"]);
    let swapped = header == "error,n";
    let line = |a: &str, b: &str| {
        let (a, b) = if swapped { (b, a) } else { (a, b) };
        format!("{quote}{a}{quote}{delimiter}{quote}{b}{quote}")
    };
    let (first, second) = header.split_once(',').expect("two names");
    let (first, second) = if swapped { (second, first) } else { (first, second) };
    let mut lines = vec![line(first, second)];
    for (n, error) in CURVE {
        let text = n.to_string();
        let (before, behind) = text.split_at(text.len() - 3);
        lines.push(line(&format!("{before}{thousands}{behind}"), &error.replace('.', decimal)));
    }
    let text = format!("{comment}{}{last}{empty}", lines.join(end));
    let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let mut bytes = match encoding {
        "mark" => format!("\u{feff}{text}").into_bytes(),
        "16le" => wide(&text, u16::to_le_bytes),
        "16be" => wide(&text, u16::to_be_bytes),
        "16le-mark" => wide(&format!("\u{feff}{text}"), u16::to_le_bytes),
        _ => text.clone().into_bytes(),
    };
    if packed {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(&bytes).expect("memory");
        bytes = out.finish().expect("memory");
    }
    (bytes, format!("{encoding} packed {packed} {text:?}"))
}

#[test]
fn a_table_in_any_dialect_is_read_or_refused() {
    let (mut draws, plain) = (Draws(12), plain());
    let (mut read, mut refused) = (0, 0);
    for _ in 0..400 {
        let (bytes, made) = written(&mut draws);
        let run = fit(&bytes, &[]);
        if run.code == 2 {
            assert!(run.out.is_empty() && run.err.starts_with("error: "), "{made}\n{}", run.err);
            refused += 1;
            continue;
        }
        assert_eq!(run.code, 0, "{made}\n{}{}", run.out, run.err);
        let mut fits = run.fits();
        fits[0].as_object_mut().expect("an object").remove("group");
        assert_eq!((fits.len(), &fits[0]), (1, &plain), "{made}");
        read += 1;
    }
    // A decimal comma or a comma of thousands between commas, blanks of thousands between blanks.
    assert!(read > 240 && refused > 0, "{read} read, {refused} refused");
}

#[test]
fn garbage_is_refused_at_once() {
    let mut draws = Draws(7);
    let words: [&[u8]; 24] = [
        b"n",
        b"error",
        b",",
        b";",
        b"\t",
        b"\n",
        b"\n",
        b"\r",
        b"\"",
        b"#",
        b"1000",
        b"0.5",
        b"1,234",
        b"%",
        b"{\"n\":",
        b"[",
        b"}",
        b"]",
        b" ",
        b"NaN",
        b"\xff",
        b"\x00",
        b"\xef\xbb\xbf",
        b"\x1f\x8b\x08",
    ];
    for _ in 0..400 {
        let mut bytes = draws.of(&[&b"n,error\n"[..], b"", b"{\"n\":1,", b"[{", b"\xff\xfe", b"sep="]).to_vec();
        for _ in 0..draws.next() % 60 {
            match draws.next() % 8 {
                0 => bytes.push((draws.next() % 256) as u8),
                _ => bytes.extend_from_slice(draws.of(&words)),
            }
        }
        let start = Instant::now();
        let run = fit(&bytes, &[]);
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        assert!(run.code <= 2 && !run.err.contains("panicked"), "{shown:?}\n{}", run.err);
        assert!(start.elapsed() < Duration::from_secs(1), "{shown:?} took {:?}", start.elapsed());
    }
}
