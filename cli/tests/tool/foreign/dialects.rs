//! Separators, decimal signs, encodings, comments, headers.
use std::io::Write;

use super::{assert_read, assert_refused, assert_same, lines};

fn comma(error: &str) -> String {
    error.replace('.', ",")
}

fn zipped(text: &str) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(text.as_bytes()).expect("memory");
    out.finish().expect("memory")
}

fn wide(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn separators_and_decimal_commas() {
    let german = format!("n;error\n{}", lines(|n, e| format!("{n};{}", comma(e))));
    assert_read(&german, &[], &["; separates the cells", "the decimal sign is a comma"]);
    let excel = format!("sep=;\r\n{}", german.replace('\n', "\r\n"));
    assert_read(&excel, &[], &["; separates", "comma"]);
    assert_read(&format!("\"sep=;\"\n{german}"), &[], &["; separates", "comma"]);
    let tabs = format!("n\terror\n{}", lines(|n, e| format!("{n}\t{e}")));
    assert_read(&tabs, &[], &["tabs separate"]);
    assert_read(&tabs.replace('.', ","), &[], &["tabs separate", "decimal sign is a comma"]);
    let pipes = format!("n | error\n{}", lines(|n, e| format!("{n} | {e}")));
    assert_read(&pipes, &[], &["| separates"]);
    let quoted = format!("\"n\",\"error\"\n{}", lines(|n, e| format!("\"{n}\",\"{}\"", comma(e))));
    assert_read(&quoted, &[], &["decimal sign is a comma"]);
    let quoted_all = format!("\"n\",\"error\"\n{}", lines(|n, e| format!("\"{n}\",\"{e}\"")));
    assert_read(&quoted_all, &[], &[]);
    let spaced = format!("n, error\n{}", lines(|n, e| format!("{n}, {e}")));
    assert_read(&spaced, &[], &[]);
    let dotted = format!("n;error\n{}", lines(|n, e| format!("{n};{e}")));
    assert_read(&dotted, &[], &["; separates"]);
}

#[test]
fn tables_of_r_and_pandas_and_gnuplot() {
    let pandas = format!("       n   error\n{}", lines(|n, e| format!("{}  {n:>5}  {e}", n.trailing_zeros())));
    assert_read(&pandas, &[], &["blanks separate"]);
    let index = format!(",n,error\n{}", lines(|n, e| format!("{},{n},{e}", n.trailing_zeros())));
    assert_read(&index, &[], &[]);
    let write_table = format!("\"n\" \"error\"\n{}", lines(|n, e| format!("\"{}\" {n} {e}", n.trailing_zeros())));
    assert_read(&write_table, &[], &["blanks separate"]);
    let write_csv2 = format!("\"\";\"n\";\"error\"\n{}", lines(|n, e| format!("\"{n}\";{n};{}", comma(e))));
    assert_read(&write_csv2, &[], &["comma"]);
    let col_names = format!("n\terror\n{}", lines(|n, e| format!("row{n}\t{n}\t{e}")));
    assert_read(&col_names, &[], &["tabs"]);
    let gnuplot = format!("# n error\n{}", lines(|n, e| format!("{n} {e}")));
    assert_read(&gnuplot, &[], &["blanks", "the header is the comment on line 1"]);
    let savetxt = format!("# n,error\n{}", lines(|n, e| format!("{n}.0,{e}")));
    assert_read(&savetxt, &[], &["comment on line 1"]);
    let exponents = format!("# made by numpy\n# n error\n{}", lines(|n, e| format!("{:.18e} {e}", f64::from(n))));
    assert_read(&exponents, &[], &["comment on line 2"]);
    let markdown = format!("| n | error |\n{}", lines(|n, e| format!("| {n} | {e} |")));
    assert_read(&markdown, &[], &["| separates"]);
}

#[test]
fn encodings_and_packing() {
    let text = format!("n,error\n{}", lines(|n, e| format!("{n},{e}")));
    assert_read(&format!("\u{feff}{text}"), &[], &[]);
    for (bytes, name) in [
        (wide(&format!("\u{feff}{text}"), u16::to_le_bytes), "UTF-16LE"),
        (wide(&format!("\u{feff}{text}"), u16::to_be_bytes), "UTF-16BE"),
        (wide(&text, u16::to_le_bytes), "UTF-16LE"),
        (wide(&text, u16::to_be_bytes), "UTF-16BE"),
    ] {
        let read = assert_same(&bytes, &[], 1);
        assert_eq!(read["encoding"], name);
        assert!(read["assumed"][0].as_str().is_some_and(|said| said.contains(name)), "{read}");
    }
    let excel = format!("n\terror\r\n{}", lines(|n, e| format!("{n}\t{}\r", comma(e))));
    assert_same(&wide(&format!("\u{feff}{excel}"), u16::to_le_bytes), &[], 1);
    let latin: Vec<u8> =
        format!("Größe,error\n{}", lines(|n, e| format!("{n},{e}"))).chars().map(|c| c as u8).collect();
    let read = assert_same(&latin, &["--n", "größe"], 1);
    assert_eq!(read["encoding"], "Latin-1");
    let read = assert_same(&zipped(&text), &[], 1);
    assert_eq!(read["compression"], "gzip");
    assert_same(&zipped(&format!("{{\"x\":1}}\n{text}")[8..]), &[], 1);
    for end in ["\r\n", "\r"] {
        assert_read(&text.replace('\n', end), &[], &[]);
    }
    assert_read(&format!("{text}\n\n \n"), &[], &[]);
    assert_read(text.trim_end(), &[], &[]);
}

#[test]
fn comments_and_headers() {
    let rows = lines(|n, e| format!("{n},{e}"));
    for comment in ["#", "%", "//"] {
        let read = assert_read(
            &format!("{comment} run of May\nn,error\n{rows}{comment} done\n"),
            &[],
            &["header is on line 2"],
        );
        assert_eq!(read["rows"], 7);
    }
    assert_read(&format!("Results of May\nby nobody\n\nn,error\n{rows}"), &[], &["header is on line 4"]);
    assert_read(&format!("Date,May\nBy,nobody\n\nn,error\n{rows}"), &[], &["header is on line 4"]);
    let (first, rest) = rows.split_at(24);
    let read = assert_read(&format!("n,error\n{first}n,error\n{rest}"), &[], &[]);
    assert_eq!(read["rows"], 7, "a header again is no row");
    assert_read(&rows, &["--n", "1", "--error", "2"], &["no header"]);
    assert_refused(rows.as_bytes(), &[], &["which column is n", "1, 2", "--n 1"]);
    assert_read(&format!("n,error,\n{}", lines(|n, e| format!("{n},{e},"))), &[], &[]);
    assert_read(&format!("n,error\n{}", lines(|n, e| format!("{n},{e},"))), &[], &[]);
    let total = format!("model,n,error\n{}Total,127000,0.29\n", lines(|n, e| format!("r50,{n},{e}")));
    assert_refused(total.as_bytes(), &[], &["line 9 sums the others up", "--where 'model!=Total'"]);
    assert_same(total.as_bytes(), &["--where", "model!=Total"], 1);
    // A decimal comma where commas separate cells makes a cell too many.
    let broken = format!("n,error\n{}", lines(|n, e| format!("{n},{}", comma(e))));
    let run = super::fit(broken.as_bytes(), &["--n", "n", "--error", "error"]);
    assert_ne!(run.code, 0, "{}", run.out);
}
