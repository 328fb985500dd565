//! `entropy` of activations in csv and .npy.
use crate::run::{Run, directory, distance, results, run, run_with};

/// An .npy file of version 1: numbers in C order.
fn npy(rows: usize, columns: usize, kind: &str, numbers: &[f64]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    header.push_str(&" ".repeat((64 - (header.len() + 11) % 64) % 64));
    header.push('\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.as_bytes());
    for number in numbers {
        match kind {
            "<f4" => file.extend((*number as f32).to_le_bytes()),
            ">f8" => file.extend(number.to_be_bytes()),
            _ => file.extend(number.to_le_bytes()),
        }
    }
    file
}

fn entropy(input: &[u8], more: &[&str]) -> Run {
    run_with(&[&["entropy", "-", "--format", "json"][..], more].concat(), input)
}

/// Four samples of three units; the numbers are exact in f32. Scatter: diag(5, 20, 8) with no off-diagonal but (0, 1) = 10 - 4.
const SAMPLES: [f64; 12] = [-1.5, -3.0, 1.0, -0.5, 3.0, -1.0, 0.5, 1.0, -2.0, 1.5, -1.0, 2.0];

/// 1/2 (3 ln(2 pi e) + ln det) by Sarrus's rule.
fn expected() -> f64 {
    let column = |k: usize| (0..4).map(move |row| SAMPLES[row * 3 + k]);
    let mean = |k: usize| column(k).sum::<f64>() / 4.0;
    let s =
        |i: usize, j: usize| column(i).zip(column(j)).map(|(a, b)| (a - mean(i)) * (b - mean(j))).sum::<f64>() / 3.0;
    let det = s(0, 0) * s(1, 1) * s(2, 2) + 2.0 * s(0, 1) * s(1, 2) * s(0, 2)
        - s(0, 2).powi(2) * s(1, 1)
        - s(0, 1).powi(2) * s(2, 2)
        - s(1, 2).powi(2) * s(0, 0);
    0.5 * (3.0 * (2.0 * std::f64::consts::PI * std::f64::consts::E).ln() + det.ln())
}

#[test]
fn csv_and_npy_give_the_same() {
    let csv: String = SAMPLES.chunks(3).map(|row| format!("{},{},{}\n", row[0], row[1], row[2])).collect();
    let files = [
        (csv.clone().into_bytes(), &["--no-header"][..]),
        (format!("a,b,c\n{csv}").into_bytes(), &[]),
        (csv.replace(',', ";").into_bytes(), &["--no-header", "--delimiter", ";"]),
        (npy(4, 3, "<f4", &SAMPLES), &[]),
        (npy(4, 3, "<f8", &SAMPLES), &[]),
        (npy(4, 3, ">f8", &SAMPLES), &[]),
    ];
    for (file, more) in files {
        let run = entropy(&file, more);
        assert_eq!(run.code, 0, "{more:?}: {}", run.err);
        let json = run.json();
        assert_eq!(results(&json), ["dimension", "entropy", "negative_entropy", "rank", "samples"]);
        assert_eq!(
            (json["dimension"].as_u64(), json["samples"].as_u64(), json["rank"].as_u64()),
            (Some(3), Some(4), Some(3))
        );
        // A determinant of a well-conditioned 3 x 3 matrix: some eps.
        assert!(distance(&json["entropy"], expected()) < 1e-13, "{json}");
        assert_eq!(json["negative_entropy"].as_f64(), json["entropy"].as_f64().map(|x| -x));
    }
    let text = run_with(&["entropy", "-", "--no-header"], csv.as_bytes());
    assert!(text.out.contains("negative entropy"), "{}", text.out);
}

#[test]
fn a_missing_rank_is_named_and_can_be_allowed() {
    let few = npy(3, 3, "<f8", &SAMPLES[..9]);
    let run = entropy(&few, &[]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("rank 2 of 3") && run.err.contains("--pseudo"), "{}", run.err);
    assert_eq!(entropy(&few, &["--pseudo"]).json()["rank"], 2);
    assert_eq!(entropy(&few, &["--shrinkage", "0.1"]).json()["rank"], 3);
    assert_eq!(entropy(&few, &["--shrinkage", "2"]).code, 2);
}

#[test]
fn bad_files_name_place_and_remedy() {
    let mut cut = npy(4, 3, "<f8", &SAMPLES);
    cut.truncate(cut.len() - 1);
    let mut nan = SAMPLES;
    nan[7] = f64::NAN;
    for (file, more, parts) in [
        (b"".to_vec(), &[][..], &["no rows"][..]),
        (b"a,b\n".to_vec(), &[], &["no rows"]),
        (b"a,b\n1,x\n".to_vec(), &[], &["line 2, column 2", "\"x\""]),
        (b"1,2\n3\n".to_vec(), &["--no-header"], &["line 2", "1 cells"]),
        (npy(4, 3, "<f8", &nan), &[], &["row 3, column 2", "not finite"]),
        (cut, &[], &["row 4 of the 4"]),
        (npy(4, 3, "<i8", &SAMPLES), &[], &["float32 or float64"]),
        (npy(usize::MAX, 1 << 40, "<f8", &[]), &[], &["transpose"]),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec(), &[], &["header"]),
    ] {
        let run = entropy(&file, more);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{parts:?}: {}", run.err);
        assert!(parts.iter().all(|part| run.err.contains(part)), "{parts:?}: {}", run.err);
    }
    let random: Vec<u8> = (0..4096_u32).map(|k| (k.wrapping_mul(2654435761) >> 24) as u8).collect();
    let run_random = entropy(&random, &[]);
    assert!(run_random.code == 2 && run_random.err.contains("neither a csv nor an .npy"), "{}", run_random.err);
    let named = directory("entropy").join("text.npy");
    std::fs::write(&named, "a,b\n1,2\n").expect("a file");
    let error = run(&["entropy", named.to_str().expect("UTF-8")]).err;
    assert!(error.contains("neither a csv nor an .npy"), "{error}");
    assert!(run(&["entropy", "no/such/file.npy"]).err.contains("no/such/file.npy"));
}
