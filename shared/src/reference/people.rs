//! Who works in the district, and what they may do.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::decimal::Dec;
use crate::ids::{PersonId, TeamId};

/// The district.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Org {
    #[n(0)]
    pub name: String,
    /// IANA.
    #[n(1)]
    pub timezone: String,
    #[n(2)]
    pub currency: String,
    /// The share of what shops are asked for that orders are to meet. None: [`crate::order::TARGET_FILL`].
    #[n(3)]
    pub target_fill: Option<Dec>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    #[n(0)]
    Manager,
    #[n(1)]
    Supervisor,
    #[n(2)]
    Analyst,
    #[n(3)]
    Admin,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manager => "manager",
            Self::Supervisor => "supervisor",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }
    pub fn is_staff(self) -> bool {
        self != Self::Manager
    }
}

#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Person {
    #[n(0)]
    pub name: String,
    #[n(1)]
    pub role: Role,
    #[n(2)]
    pub login: String,
    #[n(3)]
    pub team: Option<TeamId>,
}

/// A team of managers.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Team {
    #[n(0)]
    pub name: String,
    /// None: the district itself.
    #[n(1)]
    pub department: Option<String>,
    /// A person of staff.
    #[n(2)]
    pub supervisor: Option<PersonId>,
}
