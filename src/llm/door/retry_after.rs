//! `Retry-After`: when to come again (RFC 9110, section 10.2.3). In: a header and the time. Out: how long to wait.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Reads seconds (a fraction too, as some servers send) or a date. A date that is over means now.
pub(crate) fn wait(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let then = UNIX_EPOCH + Duration::from_secs(seconds_of(header)?);
    Some(then.duration_since(now).unwrap_or_default())
}

/// Seconds from 1970 to an IMF-fixdate such as `Sun, 06 Nov 1994 08:49:37 GMT`; the older forms have not been sent for decades.
fn seconds_of(date: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = date.split_ascii_whitespace().collect();
    let [_, day, month, year, time, "GMT"] = words[..] else {
        return None;
    };
    let month = MONTHS.iter().position(|m| *m == month)? as u64;
    let (day, year): (u64, u64) = (day.parse().ok()?, year.parse().ok()?);
    let clock: Vec<u64> = time.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [hour, minute, second] = clock[..] else {
        return None;
    };
    let sensible = (1..=31).contains(&day) && (1970..10_000).contains(&year);
    (sensible && hour < 24 && minute < 60 && second <= 60)
        .then(|| ((days(year, month) + day - 1) * 24 + hour) * 3600 + minute * 60 + second)
}

/// Days from 1970 to the first of a month (from 0).
fn days(year: u64, month: u64) -> u64 {
    const BEFORE: [u64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    // Years that can have had their leap day: this one's counts from March on.
    let complete = if month < 2 { year - 1 } else { year };
    let leaps = |years: u64| years / 4 - years / 100 + years / 400;
    (year - 1970) * 365 + leaps(complete) - leaps(1969) + BEFORE[month as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_understood() {
        // `date -u -d ... +%s`
        assert_eq!(seconds_of("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds_of("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(seconds_of("Thu, 29 Feb 2024 12:00:00 GMT"), Some(1_709_208_000));
        assert_eq!(seconds_of("Fri, 01 Mar 2024 00:00:00 GMT"), Some(1_709_251_200));
        assert_eq!(seconds_of("Mon, 01 Mar 2100 00:00:00 GMT"), Some(4_107_542_400));
        let now = UNIX_EPOCH + Duration::from_secs(784_111_770);
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::from_secs(7)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(wait(" 2 ", now), Some(Duration::from_secs(2)));
        assert_eq!(wait("0.25", now), Some(Duration::from_millis(250)));
    }

    #[test]
    fn nonsense_is_no_time() {
        for bad in
            ["", "soon", "-1", "NaN", "inf", "1e300", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT"]
        {
            assert_eq!(wait(bad, SystemTime::now()), None, "{bad}");
        }
        assert_eq!(seconds_of("Sun, 06 Nov 18446744073709551615 08:49:37 GMT"), None);
    }
}
