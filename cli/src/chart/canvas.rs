//! Cells of characters, drawn over each other: dots of Braille where the terminal has them, ASCII elsewhere.
use anstyle::{AnsiColor, Style};

use crate::terminal::Terminal;

/// Dots of a cell of Braille, columns of rows from the top: U+2800 and these bits.
const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
/// Dots of a cell, across and down.
const ACROSS: usize = 2;
const DOWN: usize = 4;
/// Dots that a dash and the gap behind it take.
const DASH: usize = 6;
/// Colours of the series; later ones begin again.
const COLOURS: [AnsiColor; 6] =
    [AnsiColor::Cyan, AnsiColor::Yellow, AnsiColor::Green, AnsiColor::Magenta, AnsiColor::Blue, AnsiColor::Red];

/// What a cell is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// The colour of a series.
    Style(usize),
    Target,
}

impl Ink {
    fn style(self) -> Style {
        match self {
            Ink::Style(k) => Style::new().fg_color(Some(COLOURS[k % COLOURS.len()].into())),
            Ink::Target => Style::new().bold(),
        }
    }
}

/// One character.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    character: Option<(char, Ink)>,
    /// Dots of lines, over bands and targets and below points.
    dots: u8,
    of: usize,
    is_point: bool,
}

/// The cells, rows from below.
pub(super) struct Canvas {
    columns: usize,
    cells: Vec<Vec<Cell>>,
    has_unicode: bool,
    has_colour: bool,
}

impl Canvas {
    pub(super) fn new(columns: usize, rows: usize, terminal: &Terminal) -> Canvas {
        let Terminal { has_unicode, has_colour, .. } = *terminal;
        Canvas { columns, cells: vec![vec![Cell::default(); columns]; rows], has_unicode, has_colour }
    }

    fn pick(&self, unicode: char, ascii: char) -> char {
        if self.has_unicode { unicode } else { ascii }
    }

    /// The character of a measurement.
    pub(super) fn point(&self) -> char {
        self.pick('●', 'o')
    }

    /// That of a law, of one that is extrapolated, of a band, of a target, and of the sizes that meet it.
    pub(super) fn line(&self) -> &'static str {
        if self.has_unicode { "⠒⠒" } else { "**" }
    }

    pub(super) fn dashes(&self) -> &'static str {
        if self.has_unicode { "⠒ ⠒" } else { "* *" }
    }

    pub(super) fn band(&self) -> char {
        self.pick('░', ':')
    }

    pub(super) fn rule(&self) -> char {
        self.pick('╌', '-')
    }

    pub(super) fn reached(&self) -> char {
        self.pick('━', '=')
    }

    /// The axis on the left, with a tick or without.
    pub(super) fn axis(&self, has_tick: bool) -> char {
        if has_tick { self.pick('┤', '+') } else { self.pick('│', '|') }
    }

    /// The axis below, with ticks.
    pub(super) fn floor(&self, ticks: &[usize]) -> String {
        let tick = |column| if ticks.contains(&column) { self.pick('┬', '+') } else { self.pick('─', '-') };
        std::iter::once(self.pick('└', '+')).chain((0..self.columns).map(tick)).collect()
    }

    fn cell(&mut self, column: usize, row: usize) -> Option<&mut Cell> {
        self.cells.get_mut(row)?.get_mut(column)
    }

    /// A character over all that is there.
    pub(super) fn put(&mut self, column: usize, row: usize, character: char, ink: Ink) {
        if let Some(cell) = self.cell(column, row) {
            *cell = Cell { character: Some((character, ink)), is_point: true, ..*cell };
        }
    }

    /// A part of a band.
    pub(super) fn shade(&mut self, column: usize, row: usize, style: usize) {
        let band = self.band();
        if let Some(cell) = self.cell(column, row) {
            cell.character = Some((band, Ink::Style(style)));
        }
    }

    /// A part of a target.
    pub(super) fn target(&mut self, column: usize, row: usize, is_reached: bool) {
        let character = if is_reached { self.reached() } else { self.rule() };
        if let Some(cell) = self.cell(column, row) {
            cell.character = Some((character, Ink::Target));
        }
    }

    /// A line through (column, row) places that are fractions.
    pub(super) fn path(&mut self, places: impl Iterator<Item = (f64, f64)>, is_dashed: bool, style: usize) {
        let fine: Vec<(f64, f64)> = places.map(|(x, y)| (x * ACROSS as f64, y * DOWN as f64)).collect();
        for pair in fine.windows(2) {
            let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
            if ![x0, y0, x1, y1].iter().all(|v| v.is_finite()) {
                continue;
            }
            // Dots lie at most one apart. No stroke is longer than the panel: both ends are samples of it.
            let steps = (x1 - x0).abs().max((y1 - y0).abs()).ceil().clamp(1.0, 4096.0);
            for k in 0..=steps as usize {
                let share = k as f64 / steps;
                self.dot(x0 + share * (x1 - x0), y0 + share * (y1 - y0), is_dashed, style);
            }
        }
    }

    fn dot(&mut self, x: f64, y: f64, is_dashed: bool, style: usize) {
        if x < 0.0 || y < 0.0 {
            return;
        }
        // The last dot is that of the upper end.
        let (x, y) = ((x as usize).min(self.columns * ACROSS - 1), (y as usize).min(self.cells.len() * DOWN - 1));
        if is_dashed && x % DASH >= DASH / 2 {
            return;
        }
        let bit = DOTS[x % ACROSS][DOWN - 1 - y % DOWN];
        if let Some(cell) = self.cell(x / ACROSS, y / DOWN) {
            (cell.dots, cell.of) = (cell.dots | bit, style);
        }
    }

    /// The rows as text, the lowest first, without blanks at the end.
    pub(super) fn rows(&self) -> Vec<String> {
        let shown = |cell: &Cell| match cell {
            Cell { dots: 1.., is_point: false, .. } => {
                let braille = char::from_u32(0x2800 + u32::from(cell.dots)).unwrap_or('*');
                Some((self.pick(braille, '*'), Ink::Style(cell.of)))
            }
            cell => cell.character,
        };
        let row = |cells: &Vec<Cell>| {
            let mut text = String::new();
            let mut ink = None;
            let last = cells.iter().rposition(|cell| shown(cell).is_some()).map_or(0, |last| last + 1);
            for cell in &cells[..last] {
                let (character, next) = shown(cell).map_or((' ', None), |(character, ink)| (character, Some(ink)));
                if self.has_colour && next != ink {
                    text += &ink.map_or(String::new(), |ink: Ink| ink.style().render_reset().to_string());
                    text += &next.map_or(String::new(), |ink| ink.style().render().to_string());
                    ink = next;
                }
                text.push(character);
            }
            text + &ink.map_or(String::new(), |ink| ink.style().render_reset().to_string())
        };
        self.cells.iter().map(row).collect()
    }
}
