//! Where the two kinds of samples are worth what they cost.
use crate::law::{AdditiveLaw, AnyLaw, FullLaw};
use crate::math;

use super::super::inverse::{LARGEST_COUNT, decrease};
use super::super::root;
use super::costs::Costs;

/// ln(n + n0) of the cheapest pair for a target, no range being in the way.
pub(super) fn ln_size_for_target(law: &AnyLaw, target: f64, costs: &Costs) -> f64 {
    match law {
        AnyLaw::Product(law) => for_target(law, target, costs),
        AnyLaw::Sum(law) => sum_for_target(law, target, costs),
    }
}

/// ln(n + n0) of the least error for `money`, in synthetic samples of which `price` buy a real one.
pub(super) fn ln_size_for_budget(law: &AnyLaw, money: f64, price: f64) -> f64 {
    match law {
        AnyLaw::Product(law) => for_budget(law, money),
        AnyLaw::Sum(law) => sum_for_budget(law, money, price),
    }
}

/// With w the share of target - E that is left to n, A n^-alpha = w (target - E) and B s^-beta = (1 - w) (target - E): the
/// cost is least where per_synthetic n / (alpha w) = per_real s / (beta (1 - w)), and the left side rises with n while the
/// right one falls.
fn sum_for_target(law: &AdditiveLaw, target: f64, costs: &Costs) -> f64 {
    let AdditiveLaw { a, alpha, b, beta, e } = *law;
    let ln_room = math::ln(target - e);
    let (ln_a, ln_b) = (math::ln(a) - ln_room, math::ln(b) - ln_room);
    let prices = math::ln(costs.per_synthetic) - math::ln(costs.per_real) + math::ln(beta / alpha);
    let excess = |x: f64| {
        let ln_w = ln_a - alpha * x;
        let w = math::exp(ln_w);
        let ln_rest = math::ln(1.0 - w);
        let ln_s = (ln_b - ln_rest) / beta;
        let value = prices + x - ln_w - ln_s + ln_rest;
        (value, 1.0 + alpha + (1.0 / beta + 1.0) * alpha * w / (1.0 - w))
    };
    // From where n alone meets the target; ln(1 - w) there is -inf, and the value with it.
    let least = ln_a / alpha;
    root::increasing(excess, least, math::ln(LARGEST_COUNT).max(least) + 1.0)
}

/// alpha A n^(-alpha - 1) / per_synthetic = beta B s^(-beta - 1) / per_real with s = (money - n) / price.
fn sum_for_budget(law: &AdditiveLaw, money: f64, price: f64) -> f64 {
    let AdditiveLaw { a, alpha, b, beta, .. } = *law;
    let ratio = math::ln(beta / alpha) + math::ln(b) - math::ln(a) - math::ln(price);
    let excess = |x: f64| {
        let n = math::exp(x);
        let s = (money - n) / price;
        let value = ratio - (beta + 1.0) * math::ln(s) + (alpha + 1.0) * x;
        (value, alpha + 1.0 + (beta + 1.0) * n / (money - n))
    };
    // A share of 1e-300 of the money is no sample.
    root::increasing(excess, math::ln(money) - 690.0, math::ln(money))
}

/// ln(n + n0) of the cheapest pair for a target above E, bounds left out; see the top of the file.
fn for_target(law: &FullLaw, target: f64, costs: &Costs) -> f64 {
    let FullLaw { alpha, beta, gamma, .. } = *law;
    let ratio = math::ln(costs.per_real) - math::ln(costs.per_synthetic) + math::ln(alpha / beta);
    let right = ratio + (math::ln(law.delta) - math::ln(target - law.e)) / beta;
    let x = right / (1.0 + alpha / beta);
    if gamma == 0.0 {
        return x;
    }
    let excess = |x: f64| {
        let u = math::exp(-alpha * x);
        let w = u / (gamma + u);
        let power = 1.0 / beta - 1.0;
        ((alpha + 1.0) * x - power * math::ln(gamma + u) - right, alpha + 1.0 + power * alpha * w)
    };
    if beta == 1.0 {
        return right / (alpha + 1.0);
    }
    let (value, _) = excess(x);
    let (least, most) = (1.0 + alpha.min(alpha / beta), 1.0 + alpha.max(alpha / beta));
    let (near, far) = (x - value / most, x - value / least);
    root::increasing(excess, near.min(far), near.max(far))
}

/// ln(n + n0) of the least error for `money` > 0, counted in synthetic samples; bounds left out.
fn for_budget(law: &FullLaw, money: f64) -> f64 {
    let FullLaw { alpha, beta, gamma, n0, .. } = *law;
    // n + n0 is bought with the money and n0 more.
    let whole = money + n0;
    let share = |w: f64| whole * (alpha * w / (alpha * w + beta));
    if gamma == 0.0 {
        return math::ln(share(1.0));
    }
    let w_at = |n: f64| {
        let u = decrease(&FullLaw { n0: 0.0, ..*law }, n);
        u / (gamma + u)
    };
    // alpha w (whole - N) = beta N, w falling with N = n + n0, so N lies between the shares of the least and the most w.
    let high = share(1.0);
    let low = share(w_at(high));
    let excess = |x: f64| {
        let n = math::exp(x);
        let w = w_at(n);
        (x + math::ln(beta / alpha) - math::ln(w) - math::ln(whole - n), 1.0 + alpha * (1.0 - w) + n / (whole - n))
    };
    root::increasing(excess, math::ln(low), math::ln(high))
}
