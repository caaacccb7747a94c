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
/// Columns of an import file.
pub const IMPORT_COLUMNS_MAX: usize = 256;
/// Warnings of an import.
pub const IMPORT_WARNINGS_LISTED: usize = 100;
/// Packs of one sale, invoiced or returned.
pub const SALES_PACKS_MAX: i64 = 1_000_000_000_000;
/// Value of one sale, invoiced or returned, in the district's currency.
pub const SALES_VALUE_MAX: i64 = 1_000_000_000_000;
/// Decimal places of the value of a sale; with [`SALES_VALUE_MAX`] it fits 64 bits.
pub const SALES_VALUE_DECIMALS_MAX: u32 = 6;
/// Bytes of a scheme file.
pub const SCHEME_BYTES_MAX: usize = 256 * 1024;
/// Indicators of a scheme.
pub const SCHEME_INDICATORS_MAX: usize = 200;
/// Star bands of a scheme.
pub const SCHEME_BANDS_MAX: usize = 20;
/// Stars of a band.
pub const STARS_MAX: u32 = 100;
/// Places of a band.
pub const BAND_PLACES_MAX: u32 = 1_000_000;
/// Seconds of a scheme's least dwell: a day.
pub const MIN_DWELL_S_MAX: u32 = 86_400;
/// Metres of a scheme's geofence: farther apart no two places are.
pub const GEOFENCE_M_MAX: u32 = 20_100_000;
/// Rows of one route's sales on one date.
pub const SALES_BLOCK_ROWS_MAX: usize = 65_535;

/// Weeks of counts and deliveries that order suggestions look back.
pub const ORDER_HISTORY_WEEKS: u32 = 53;
/// What a district may want to be met of what its shops are asked for, as decimals.
pub const TARGET_FILL_BOUNDS: (&str, &str) = ("0.5", "0.99");
/// What a week around a festival may be of an ordinary one, in percent.
pub const FESTIVAL_PERCENT_LEAST: u32 = 10;
pub const FESTIVAL_PERCENT_MOST: u32 = 1000;
/// Days ahead in which the next visit of a shop is looked for.
pub const PLAN_AHEAD_DAYS: usize = 62;
/// Days back in which order plans wait for staff.
pub const ORDERS_AWAIT_DAYS: i32 = 14;
/// Shops in one answer about segments.
pub const SEGMENT_SHOPS_MAX: usize = 2_000;
/// Order plans in one answer to those who rule on them.
pub const ORDERS_REVIEW_MAX: usize = 500;

/// Visits, or missed stops, of one day sheet.
pub const SHEET_VISITS_MAX: usize = 500;
/// Lines of one stock check or order plan.
pub const VISIT_LINES_MAX: usize = 1_000;
/// Packs of one line of a stock check.
pub const PACKS_MAX: i64 = 1_000_000;
/// Cartons of one line of an order plan.
pub const CARTONS_MAX: i64 = 100_000;
/// Metres of a position's accuracy.
pub const ACCURACY_M_MAX: i64 = 40_000_000;
/// The latest instant that a document may hold: the end of the year 9998, in ms since 1970.
pub const TIME_MS_MAX: i64 = 253_370_764_799_999;
/// Bytes of a text within a document.
pub const TEXT_BYTES_MAX: usize = 4_096;
/// Days after a week whose follow-ups and birthdays its summary looks ahead to.
pub const WEEK_AHEAD_DAYS: i32 = 14;
/// Entries of one container of a shop file or of goals.
pub const DOCUMENT_ENTRIES_MAX: usize = 2_000;
/// Faults kept with a sheet's facts.
pub const SHEET_FAULTS_MAX: usize = 50;

/// Bytes of a request's body as it arrives.
pub const REQUEST_BYTES_MAX: usize = 4 << 20;
/// Bytes of a sync request when inflated.
pub const SYNC_INFLATED_MAX: usize = 16 << 20;
/// Bytes of a sync answer when inflated: what a device may ask for at most, and one item more.
pub const ANSWER_INFLATED_MAX: usize = 24 << 20;
/// Uncompressed bytes that a device asks for in one answer.
pub const ANSWER_BYTES: u32 = 4 << 20;
/// Uncompressed bytes of changes that a device puts into one request.
pub const UPLOAD_BYTES: usize = 2 << 20;
/// Documents of one sync request.
pub const SYNC_DOCUMENTS_MAX: usize = 2_000;
/// Changes of one sync request.
pub const SYNC_CHANGES_MAX: usize = 20_000;
/// Bytes of one change, inflated.
pub const CHANGE_BYTES_MAX: usize = 256 * 1024;
/// Operations of one change.
/// A text of [`TEXT_BYTES_MAX`] that is replaced takes twice as many as it has characters.
pub const CHANGE_OPERATIONS_MAX: usize = 10_000;
/// Dependencies of one change.
pub const CHANGE_DEPENDENCIES_MAX: usize = 64;
/// Changes of one document.
pub const DOCUMENT_CHANGES_MAX: u64 = 50_000;
/// Changes of one document that wait for others.
pub const DOCUMENT_WAITING_MAX: usize = 1_000;
/// How far a device's clock may be off for its signature to be taken.
pub const SIGNATURE_SKEW_S: i64 = 48 * 3600;
/// Life of an access token.
pub const ACCESS_TOKEN_S: i64 = 15 * 60;
/// Days of day sheets and sales that a device receives, counted from the first day of the last quarter.
pub const HISTORY_DAYS_MAX: i32 = 200;
/// Operation numbers of one document.
pub const DOCUMENT_OPERATIONS_MAX: u64 = 1 << 32;

/// Writes that wait for the store's writer.
pub const WRITER_QUEUE_MAX: usize = 256;
/// Writes that one commit takes in.
pub const WRITER_GROUP_MAX: usize = 128;
/// Read connections of the store.
pub const READERS_MAX: usize = 8;
/// Changes of one device that are held back.
pub const HELD_PER_DEVICE_MAX: i64 = 20_000;
/// Their bytes.
pub const HELD_BYTES_PER_DEVICE_MAX: i64 = 64 << 20;
/// Positions of a scope that a download reads at a time.
pub const DOWNLOAD_WINDOW: u64 = 512;
/// Days for which an enrolment code is good.
pub const CODE_DAYS: i64 = 30;
/// Bytes of a device's name.
pub const NAME_BYTES_MAX: usize = 100;
/// Characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 10;
pub const PASSWORD_BYTES_MAX: usize = 200;
/// Life of a staff session.
pub const SESSION_MS: i64 = 12 * 3_600_000;
/// Sign-in attempts of one login, or enrolment attempts in all, in [`ATTEMPT_WINDOW_MS`].
pub const ATTEMPTS_MAX: u32 = 10;
pub const ATTEMPT_WINDOW_MS: i64 = 60_000;
/// Logins whose attempts are remembered.
pub const ATTEMPT_LOGINS_MAX: usize = 10_000;
/// Connections that wait to be taken up (the system may allow fewer).
pub const CONNECTIONS_PENDING_MAX: u32 = 4_096;
/// Syncs that are worked on at once, of at most 64 KiB each; a larger one counts as several.
pub const SYNCS_AT_ONCE: usize = 64;
/// Syncs that are worked on or wait for their turn; beyond it a device is asked to come back.
pub const SYNCS_ADMITTED_MAX: usize = 1_024;
/// Bytes of their bodies, as they arrive.
pub const SYNC_BODIES_BYTES_MAX: usize = 64 << 20;
/// Bytes of a body for which there is room before its signature is looked at: several days' work.
pub const ROOM_UNPROVEN_BYTES: usize = 64 << 10;
/// Syncs of one device in flight: one, and the same again after a lost answer.
pub const SYNCS_OF_A_DEVICE_MAX: usize = 2;
/// Seconds after which a device that was sent away is to come back, at most.
pub const RETRY_AFTER_SECONDS_MAX: u32 = 120;
/// Syncs a second that a server is thought to do before it has been seen at work.
pub const SYNCS_PER_SECOND_LEAST: u32 = 50;
/// Devices whose keys are kept in memory.
pub const SIGNERS_MAX: usize = 20_000;
/// How many times its size a sync request may have when inflated (a small one: [`SYNC_INFLATED_LEAST`]). Honest ones have
/// at most ten.
pub const SYNC_INFLATION_MAX: usize = 32;
pub const SYNC_INFLATED_LEAST: usize = 1 << 20;
/// Days after a restore in which a device may bring the changes of another.
pub const RELAY_DAYS: i64 = 90;
/// Documents that are looked through at a time for one that is filed under another scope.
pub const FILED_PAGE: usize = 4_096;
/// Days after which a day sheet is sealed: nothing but late work comes to it any more.
pub const SEAL_AFTER_DAYS: i32 = 35;
/// Sheets that are sealed in one transaction, and in one turn of housekeeping.
pub const SEAL_GROUP: usize = 32;
pub const SEALS_OF_A_TURN: usize = 4_096;
/// Documents that are materialised in one transaction.
pub const MATERIALISE_GROUP: usize = 64;
/// Pokes that a slow listener may be behind before it is told to look at everything.
pub const POKES_BEHIND_MAX: usize = 1_024;
/// Listeners for pokes.
pub const LISTENERS_MAX: usize = 2_000;
/// Time that a request's body may be silent.
pub const REQUEST_SECONDS: u64 = 60;
/// What a sync's body has to arrive at, beyond that time: a poor 2G line brings more.
pub const BODY_BYTES_PER_SECOND_LEAST: u64 = 2_048;
/// Seconds that requests have to end after the server is told to stop.
pub const SHUTDOWN_SECONDS: u64 = 20;
/// Seconds from the start of the server to its first turn of housekeeping.
pub const HOUSEKEEPING_FIRST_SECONDS: u64 = 60;
/// Seconds between turns of housekeeping.
pub const HOUSEKEEPING_SECONDS: u64 = 600;
/// Seconds that a command waits for whoever holds the data folder.
pub const FOLDER_WAIT_SECONDS: u64 = 10;
/// Bytes of an import that comes over the API; a larger one is imported from its folder.
pub const IMPORT_REQUEST_BYTES_MAX: usize = 64 << 20;
/// Heads of one document: so many devices may write to it without knowing of each other.
pub const DOCUMENT_HEADS_MAX: usize = 32;
/// Bytes of all changes of one document.
pub const DOCUMENT_BYTES_MAX: u64 = 8 << 20;
/// Passwords that are hashed at once.
pub const HASHING_AT_ONCE: usize = 2;
/// Managers that are scored at a time: the district's rows are brought once for all of them, and what is read is held for
/// no more than these.
pub const SCORE_MANAGERS: usize = 16;
/// Routes that are read at a time where no manager has them, or where a day is looked at.
pub const SCORE_ROUTES: usize = 128;
/// Bytes of one of a revision's inputs, inflated: what one manager's month is scored from.
pub const REVISION_INPUT_BYTES_MAX: usize = 64 << 20;
/// Revisions of a month.
pub const REVISIONS_MAX: u32 = 1_000;
/// Facts that a restatement lists of one indicator, on either side.
pub const RESTATEMENT_FACTS_LISTED: usize = 200;
/// Filings of one sync request.
pub const SYNC_FILINGS_MAX: usize = 20;
/// Disputes that a person may have about one month.
pub const DISPUTES_MAX: usize = 100;
/// Transfers of plans that a person may be part of in a month.
pub const TRANSFERS_MAX: usize = 100;
/// Bytes of the changed rows that an import's row of the audit log tells one by one: some thousand of them. Of the rest it has
/// how many, and a digest.
pub const AUDIT_CHANGES_BYTES: usize = 128 << 10;
/// Rows of the audit log in one answer.
pub const AUDIT_PAGE: usize = 500;
/// Months, each to a last day, whose scores are kept.
pub const BOARDS_MAX: usize = 4;
/// Sheets whose neighbours are noted anew at a time, after shops or assignments changed.
pub const NEIGHBOURS_GROUP: usize = 256;
/// A rescue file that is imported by command, in bytes.
pub const RESCUE_BYTES_MAX: u64 = 64 << 20;
/// TLS handshakes that may be under way, and how long one may take, in seconds.
pub const HANDSHAKES_MAX: usize = 256;
pub const HANDSHAKE_SECONDS: u64 = 10;
/// Clusters of shops that a fit of brand-width standards tries, at most.
pub const WIDTH_CLUSTERS_MAX: usize = 8;
/// Shops that their centres and silhouettes are found from; where there are more, every nth.
pub const WIDTH_SAMPLE_SHOPS: usize = 2_000;
/// Days whose boards are kept.
pub const DAY_BOARDS_MAX: usize = 4;
/// How long a day's board is kept up to date after somebody looked at it.
pub const DAY_BOARD_WATCHED_MS: i64 = 15 * 60_000;
/// A manager whose work is complete up to so long ago is live on a board.
pub const BOARD_LIVE_MS: i64 = 15 * 60_000;
/// Syncs that a board shows.
pub const ARRIVALS_SHOWN: usize = 30;
/// Syncs that are remembered until a board counts them; with more, all devices are read again.
pub const ARRIVALS_UNREAD_MAX: usize = 4_096;
/// Syncs so shortly before a board was read are told with the next reading again: they may have been under way.
pub const BOARD_OVERLAP_MS: i64 = 10_000;
/// Days back from a visit in which its shop's last stock check is looked for.
pub const LAST_COUNT_DAYS: i32 = 60;
/// How long a coverage report is answered again before it is computed anew.
pub const COVERAGE_KEPT_MS: i64 = 2 * 60_000;
