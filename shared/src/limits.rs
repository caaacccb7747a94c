//! Every bound of the system, in one place. What exceeds one is refused, with the bound named.

/// Bytes of a text id.
pub const ID_BYTES_MAX: usize = 64;

/// Times between a device clock and the server's from which a check-in is evidence of a wrong clock.
pub const CLOCK_SKEW_MS: i64 = 5 * 60 * 1000;
/// Accuracy, in metres, above which a position is flagged `poor_accuracy`.
pub const POOR_ACCURACY_M: i64 = 100;
/// Goals that a manager may have in a quarter.
pub const GOALS_MAX: usize = 5;
/// Faults that an import report lists in full; the rest are counted.
pub const IMPORT_FAULTS_LISTED: usize = 1000;
/// Bytes of one import file.
pub const IMPORT_FILE_BYTES_MAX: u64 = 1 << 30;
/// Bytes of one field of an import file.
pub const IMPORT_FIELD_BYTES_MAX: usize = 4096;
/// Bytes of a scheme file.
pub const SCHEME_BYTES_MAX: usize = 256 * 1024;
/// Indicators of a scheme.
pub const SCHEME_INDICATORS_MAX: usize = 200;
/// Rows of one route's sales on one date.
pub const SALES_BLOCK_ROWS_MAX: usize = 65_535;
