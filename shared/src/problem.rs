//! Problems: what an API answers when it can't do what was asked. Codes are stable; sentences are for people.

use serde::Serialize;

macro_rules! problems {
    ($($name:ident = $status:literal $code:literal, $en:literal, $zh:literal;)*) => {
        /// A kind of problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($name,)* }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$name,)*];
            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
            pub fn sentence(self, zh: bool) -> &'static str {
                match self { $(Self::$name => if zh { $zh } else { $en },)* }
            }
        }
    };
}

problems! {
    BadRequest = 400 "bad_request", "The request can't be understood.", "无法理解该请求。";
    BadEnvelope = 400 "bad_envelope", "The sync message can't be read.", "无法读取同步消息。";
    BadProtocol = 400 "bad_protocol", "This app is too old or too new for this server: update it.", "应用版本与服务器不符，请更新。";
    BadCursor = 400 "bad_cursor", "The sync position is not one of this server's.", "同步位置无效。";
    NoToken = 401 "no_token", "Sign in first.", "请先登录。";
    BadToken = 401 "bad_token", "The sign-in is not valid.", "登录凭证无效。";
    ExpiredToken = 401 "expired_token", "The sign-in has expired.", "登录已过期。";
    NoSignature = 401 "no_signature", "The request is not signed by a device.", "请求没有设备签名。";
    BadSignature = 401 "bad_signature", "The request's signature is not valid.", "请求签名无效。";
    UnknownDevice = 401 "unknown_device", "This device is not enrolled here.", "此设备未注册。";
    ClockTooFar = 401 "clock_too_far", "The device's clock is over 48 hours off: set it right.", "设备时钟偏差超过48小时，请校准。";
    Replayed = 401 "replayed", "The request has been used before.", "请求已被使用过。";
    WrongPassword = 401 "wrong_password", "The login or the password is wrong.", "用户名或密码错误。";
    WrongCode = 401 "wrong_code", "The enrolment code is wrong, used or expired.", "注册码错误、已使用或已过期。";
    Forbidden = 403 "forbidden", "You are not allowed to do this.", "您没有此权限。";
    NotFound = 404 "not_found", "There is no such thing.", "未找到。";
    MethodNotAllowed = 405 "method_not_allowed", "This can't be done to that.", "不支持此操作。";
    Timeout = 408 "timeout", "The request took too long to arrive.", "请求超时。";
    Exists = 409 "exists", "It exists already, and is not overwritten.", "已存在，不会被覆盖。";
    InUse = 409 "in_use", "Another process is using it.", "正被另一进程使用。";
    ChangedMeanwhile = 409 "changed_meanwhile", "Somebody has changed it meanwhile: look at it again.", "内容已被他人修改，请重新查看。";
    SamePerson = 409 "same_person", "Who recorded it can't approve it: ask somebody else.", "记录人不能审批，请由他人审批。";
    NotYet = 409 "not_yet", "It is too early for this.", "现在还不能这样做。";
    TooLarge = 413 "too_large", "The request is larger than a request may be.", "请求超过大小上限。";
    Invalid = 422 "invalid", "Something in the request is not valid.", "请求内容无效。";
    TooMany = 429 "too_many_requests", "Too many attempts: wait a little.", "尝试次数过多，请稍候。";
    Internal = 500 "internal", "Something went wrong at head office; nothing of yours is lost.", "服务器出错，您的数据没有丢失。";
    Busy = 503 "busy", "Head office is busy: this is queued and goes on by itself.", "服务器繁忙，已排队，将自动继续。";
}

/// A problem as it is sent: `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Problem {
    #[serde(serialize_with = "code")]
    pub code: Code,
    pub title: String,
    /// What exactly, where that helps the one who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

fn code<S: serde::Serializer>(code: &Code, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(code.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        let codes: std::collections::BTreeSet<_> = Code::ALL.iter().map(|c| c.code()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
    }
}
