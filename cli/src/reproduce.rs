//! `reproduce`: the paper's figures and tables from its authors' measurements, which are part of the program.
mod decoupling;
mod draw;
mod extrapolation;
mod grid;
mod landscapes;
mod measurements;
mod models;
mod pairs;
mod renderings;
mod scenarios;
mod sheet;
mod transfer;

use std::io::{Write, stdout};

use clap::Args;
use syn2real::Residual;

use crate::errors::Error;
use crate::progress::Progress;
use crate::report::settings;

use measurements::{NOTICE, Selection, authors, free};
use sheet::Sheet;

/// Steps of the progress bar.
const STEPS: usize = 13;

/// Arguments of `reproduce`.
#[derive(Debug, Args)]
pub(crate) struct ReproduceArgs {
    /// Where index.html and the figures are written.
    #[arg(long, value_name = "DIR", default_value = "syn2real-report")]
    pub(crate) out: String,
}

/// Runs the command; the path of the page is the last line printed.
pub(crate) fn run(args: &ReproduceArgs) -> Result<bool, Error> {
    let mut sheet = Sheet::new(&args.out, "A Scaling Law for Syn2real Transfer, recomputed");
    scenarios::answer(&mut sheet, &settings29()?.fit(&authors(Residual::Linear))?)?;
    introduction(&mut sheet);
    figures(&mut sheet)?;
    tables(&mut sheet)?;
    sheet.page.heading("Source and licence of the measurements");
    sheet.page.folded("Notice", |page| page.command(NOTICE));
    let path = sheet.finish()?;
    let mut out = stdout().lock();
    writeln!(out, "{}{path}", sheet.text).and_then(|()| out.flush()).map_err(Error::stdout)?;
    Ok(true)
}

fn introduction(sheet: &mut Sheet<'_>) {
    sheet.page.paragraph(
        "How much is pre-training on synthetic images worth, and would more of them help? The law of Mikami et al. \
         (arXiv 2108.11018) says L(n) = D n^-alpha + C: the error after pre-training on n synthetic images falls at the \
         pre-training rate alpha towards the transfer gap C, which no number of images removes.",
    );
    sheet.page.note(
        "Given that D is the paper's 0.48 and the law goes on; a verdict is certain where the whole 95 % interval is on one \
         side. Figure 3 shows a case of each, with a table of all.",
    );
    sheet.page.paragraph(
        "Reproduced: figures 1 to 6 and 8 to 14, Appendix C.2 and D, the 29 settings and all 57 curves. Not reproduced: \
         figure 7 shows photographs; the negative entropies of figure 6 need the images; the window of figure 5 could not \
         be found from the released data.",
    );
    sheet.page.paragraph(
        "Every curve here is fitted by a complete search for the global optimum. Residual space and settings stand \
         beside each figure and table, since the estimates depend on them; what the data do not determine is marked and \
         not drawn. Figures carry the paper's numbers.",
    );
    sheet.page.contents();
}

fn figures(sheet: &mut Sheet<'_>) -> Result<(), Error> {
    let mut progress = Progress::count("drawing", STEPS);
    let mut step = 0;
    let mut done = || {
        step += 1;
        progress.at(step);
    };
    let selection = settings29()?;
    let fixed = selection.fit(&authors(Residual::Linear))?;
    let free_log = selection.fit(&free(Residual::Log))?;

    sheet.page.heading("Figure 1: twelve task pairs");
    pairs::figure1(sheet, "a", &fixed)?;
    pairs::figure1(sheet, "b", &free_log)?;
    done();
    sheet.page.heading("Figure 2: the grid of both sizes");
    grid::figure2(sheet)?;
    done();
    sheet.page.heading("Figure 3: scenarios");
    scenarios::figure3(sheet, &fixed)?;
    done();
    sheet.page.heading("Figure 4: model size");
    models::figure4(sheet, &fixed, &parameters()?)?;
    done();
    sheet.page.heading("Figure 5: extrapolation");
    extrapolation::figure5(sheet)?;
    done();
    sheet.page.heading("Figure 6: renderings");
    renderings::figure6(sheet, &fixed)?;
    done();
    sheet.page.heading("Figure 8: rate and gap of the twelve pairs");
    pairs::figure8(sheet, "a", &fixed)?;
    pairs::figure8(sheet, "b", &free_log)?;
    done();
    sheet.page.heading("Figure 9 and Appendix C.2: the full law");
    grid::figure9(sheet)?;
    done();
    sheet.page.heading("Figures 10 to 12: linearised");
    pairs::figure10(sheet, &fixed)?;
    models::figure11(sheet, &fixed)?;
    renderings::figure12(sheet, &fixed)?;
    done();
    sheet.page.heading("Figures 13 and 14: D and alpha");
    landscapes::figure13(sheet, &fixed)?;
    done();
    landscapes::figure14(sheet, &fixed)?;
    done();
    sheet.page.heading("Appendix D: where D = 0.48 comes from");
    decoupling::appendix_d(sheet, &fixed)?;
    done();
    sheet.page.heading("The law on data that nobody fitted before");
    transfer::simulation(sheet)?;
    done();
    progress.finish();
    Ok(())
}

/// The 29 settings of the paper: s = 1 %, the 64k series.
fn settings29() -> Result<Selection, Error> {
    Selection::read("model,ptask,pdata,ftask,fdata", &["pscale=64k", "fratio=1", "pdata!=imagenet", "n>0"])
}

/// Millions of parameters of each model.
fn parameters() -> Result<Vec<(String, f64)>, Error> {
    let selection = Selection::read("model,nparam", &["pdata=bop"])?;
    let cells = |group: usize| selection.curves.group(group).map(|(_, value)| value.to_owned()).collect::<Vec<_>>();
    let pair = |group: usize| match cells(group).as_slice() {
        [model, millions] => Some((model.clone(), millions.parse().ok()?)),
        _ => None,
    };
    Ok((0..selection.curves.len()).filter_map(pair).collect())
}

fn tables(sheet: &mut Sheet<'_>) -> Result<(), Error> {
    sheet.page.heading("The fits behind the figures");
    let selection = settings29()?;
    for residual in [Residual::Linear, Residual::Log] {
        let whose = if residual == Residual::Linear {
            "This is what the authors' released code does."
        } else {
            "This is the residual that the paper's text names."
        };
        let fitted = selection.fit(&authors(residual))?;
        let heading = format!("The paper's {} settings, D fixed, {residual} residual", fitted.fits.len());
        let explanation = format!("{whose} {}. {}.", settings(&fitted.options), selection.left_out());
        sheet.fits(&heading, &explanation, &fitted);
    }
    let curves57 = Selection::read("pdata,pscale,model,ptask,ftask,fdata,fratio", &["pdata!=imagenet", "n>0"])?;
    for residual in [Residual::Log, Residual::Linear] {
        let fitted = curves57.fit(&free(residual))?;
        let heading = format!("All {} curves of 7 points, D free, {residual} residual", fitted.fits.len());
        let explanation = format!("{}. {}.", settings(&fitted.options), curves57.left_out());
        sheet.fits(&heading, &explanation, &fitted);
    }
    Ok(())
}
