//! The colours of figures: classes, and the style sheets that give them their meaning.
use std::fmt::Write;

/// Of a style, on a light and on a dark ground: colours that colour-blind readers tell apart (Okabe and Ito 2008), dark
/// ones first.
const STYLES: [[&str; 2]; 8] = [
    ["#0072b2", "#5cb3ec"],
    ["#d55e00", "#ff8f45"],
    ["#008a68", "#3ecfa4"],
    ["#be5c9b", "#e593c8"],
    ["#b27a00", "#e8b84a"],
    ["#3c96cd", "#93c9f0"],
    ["#282828", "#e6e6e6"],
    ["#966e46", "#c9a27c"],
];

/// What is not of a style: background, ink, grid, grey of axes and marks.
const REST: [(&str, [&str; 2]); 4] = [
    ("bg", ["#ffffff", "#1b1e24"]),
    ("ink", ["#22262e", "#dfe2e8"]),
    ("grid", ["#e4e6eb", "#333841"]),
    ("grey", ["#6b707c", "#9aa1ae"]),
];

/// Bright where a function is low. Lightness falls evenly, so that the steps read without colour too (after viridis, van der
/// Walt and Smith 2015).
const RAMP: [&str; 8] = ["#fde725", "#a0da39", "#4ac16d", "#1fa187", "#277f8e", "#365c8d", "#46327f", "#320646"];

/// Number of styles.
pub(super) const COUNT: usize = STYLES.len();

/// The class of a colour step of a map.
pub(super) fn step(step: usize) -> String {
    format!("h{}", step.min(RAMP.len() - 1))
}

/// The class that fills with the colour of a style.
pub(super) fn fill(style: usize) -> String {
    format!("f{}", style % COUNT)
}

/// The class of lines in the colour of a style.
pub(super) fn line(style: usize) -> String {
    format!("l l{}", style % COUNT)
}

/// The variables of a page on a light ground, or on a dark one.
pub(super) fn variables(is_dark: bool) -> String {
    let ground = usize::from(is_dark);
    let mut text = String::new();
    for (k, style) in STYLES.iter().enumerate() {
        let _ = write!(text, "--s{k}:{};", style[ground]);
    }
    for (name, colours) in REST {
        let _ = write!(text, "--{name}:{};", colours[ground]);
    }
    text
}

/// The rules of figures on a page that has the [`variables`].
pub(super) fn of_page() -> String {
    rules(|name| format!("var(--{name})"))
}

/// The rules of a file of its own.
pub(super) fn of_file() -> String {
    rules(|name| {
        let of_style = name.strip_prefix('s').and_then(|k| k.parse::<usize>().ok()).map(|k| STYLES[k % COUNT][0]);
        let rest = || REST.iter().find(|(other, _)| *other == name).map_or("#000", |(_, colours)| colours[0]);
        of_style.unwrap_or_else(rest).to_owned()
    })
}

fn rules(colour: impl Fn(&str) -> String) -> String {
    let mut text = format!(
        ".figure text{{font:12px system-ui,Helvetica,Arial,sans-serif;fill:{ink}}}.figure .big{{font-size:14px}}\
         .figure .m{{text-anchor:middle}}.figure .e{{text-anchor:end}}\
         .figure .w{{font-size:11px;fill:{grey};paint-order:stroke;stroke:{bg};stroke-width:3px;stroke-linejoin:round}}\
         .bg{{fill:{bg}}}.g,.a,.k,.n,.l,.o{{fill:none}}.g{{stroke:{grid}}}.a{{stroke:{grey}}}\
         .k{{stroke:{grey};stroke-dasharray:6 4}}.n{{stroke:{ink};stroke-width:2.5}}.i{{stroke:{ink}}}\
         .l{{stroke-width:1.5;stroke-linejoin:round}}.d{{stroke-dasharray:6 4}}.b{{fill-opacity:.15}}\
         .o{{stroke-width:3;stroke-linecap:round}}\
         .x{{fill:none;stroke:#fff;stroke-width:4}}.y{{fill:none;stroke:#000;stroke-width:2}}",
        ink = colour("ink"),
        grey = colour("grey"),
        grid = colour("grid"),
        bg = colour("bg"),
    );
    for k in 0..COUNT {
        let of = colour(&format!("s{k}"));
        let _ = write!(text, ".f{k}{{fill:{of}}}.l{k}{{stroke:{of}}}");
    }
    for (k, of) in RAMP.iter().enumerate() {
        let _ = write!(text, ".h{k}{{fill:{of}}}");
    }
    text
}
