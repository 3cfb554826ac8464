//! What a caller may do, from the policies that come to it: what adds up, what does not count, and what nobody gets.

use serde_json::{Value as Json, json};

use super::{
    policy::{Attachment, Role},
    *,
};

fn policy(id: &str, collection: &str) -> Policy {
    let permission = Permission::parse(collection, "read", &json!({}), &json!({}), &json!({}), &json!("*")).unwrap();
    Policy {
        id: id.to_owned(),
        name: String::new(),
        admin: false,
        app: false,
        enforce_tfa: false,
        ip: None,
        permissions: vec![permission],
    }
}

fn role(id: &str, parent: Option<&str>) -> Role {
    Role {
        id: id.to_owned(),
        name: id.to_uppercase(),
        parent: parent.map(str::to_owned),
    }
}

fn to(user: Option<&str>, role: Option<&str>, policy: &str) -> Attachment {
    Attachment {
        user: user.map(str::to_owned),
        role: role.map(str::to_owned),
        policy: policy.to_owned(),
    }
}

fn user(id: &str, role: Option<&str>) -> Caller {
    Caller::User {
        id: id.to_owned(),
        role: role.map(str::to_owned),
        ip: Some("10.0.0.7".parse().unwrap()),
    }
}

fn public() -> Caller {
    Caller::Public { ip: None }
}

fn sorted(access: &Access) -> Vec<&str> {
    let mut names: Vec<&str> = access.collections().collect();
    names.sort_unstable();
    names
}

#[test]
fn actions_have_wire_names() {
    for action in Action::ALL {
        assert_eq!(Action::parse(action.as_str()), Some(action));
    }
    assert_eq!(
        Action::ALL.map(Action::as_str),
        ["create", "read", "update", "delete", "share"]
    );
    assert_eq!(Action::parse("Read"), None);
    assert_eq!(Action::parse(""), None);
}

#[test]
fn fields_are_all_or_the_named_ones() {
    assert!(Fields::All.has("anything"));
    let some = Fields::Some(["id".to_owned()].into());
    assert!(some.has("id") && !some.has("title"));
    assert!(!Fields::Some(IndexSet::new()).has("id"));
}

#[test]
fn the_system_and_administrators_may_do_everything() {
    let boss = Policy {
        admin: true,
        permissions: Vec::new(),
        ..policy("boss", "")
    };
    let policies = Policies::new([boss], [], [to(Some("eve"), None, "boss")]);
    for caller in [Caller::system(Reason::Loading), user("eve", None)] {
        let access = Access::of(&policies, &caller);
        assert!(access.admin && access.app, "{caller:?}");
        for action in Action::ALL {
            let grant = access.grant("anything", action);
            assert!(matches!(grant, Grant::All) && grant.is_some() && grant.has("anything"));
            assert!(grant.cases().is_empty());
        }
    }
    assert!(Access::full().admin && Access::full().app);
    assert_eq!(Caller::system(Reason::Loading), Caller::system(Reason::Loading));
    let Caller::System(internal) = Caller::system(Reason::CommandLine) else {
        panic!("the system")
    };
    assert_eq!(internal.reason(), Reason::CommandLine);
}

#[test]
fn nothing_is_granted_but_what_a_permission_says() {
    let policies = Policies::new([policy("p", "pages")], [], [to(Some("ada"), None, "p")]);
    let access = Access::of(&policies, &user("ada", None));
    let grant = access.grant("pages", Action::Read);
    assert!(grant.is_some() && grant.has("title") && grant.cases().len() == 1);
    for (collection, action) in [
        ("pages", Action::Update),
        ("pages", Action::Share),
        ("posts", Action::Read),
    ] {
        let grant = access.grant(collection, action);
        assert!(matches!(grant, Grant::None) && !grant.is_some() && !grant.has("id"));
        assert!(grant.cases().is_empty());
    }
    assert_eq!(sorted(&access), ["pages"]);
    assert!(!access.admin && !access.app && !access.enforce_tfa);
    for nobody in [user("bob", None), public()] {
        let access = Access::of(&policies, &nobody);
        assert!(!access.grant("pages", Action::Read).is_some(), "{nobody:?}");
        assert_eq!(sorted(&access), [""; 0]);
    }
}

#[test]
fn policies_come_from_roles_their_ancestors_and_the_user() {
    let policies = Policies::new(
        ["open", "staff", "writers", "own", "both", "spare"].map(|id| policy(id, id)),
        [
            role("writers", Some("staff")),
            role("staff", None),
            role("others", None),
        ],
        [
            to(None, None, "open"),
            to(None, Some("staff"), "staff"),
            to(None, Some("writers"), "writers"),
            to(None, Some("writers"), "own"),
            to(Some("ada"), None, "own"),
            to(Some("zoe"), Some("others"), "both"),
            to(Some("ada"), None, "gone"),
        ],
    );
    let of = |caller: &Caller| {
        let access = Access::of(&policies, caller);
        (access.policies.clone(), access.roles.clone())
    };
    let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    // The farthest ancestor first, the user's own last, each once, none that is not there.
    assert_eq!(
        of(&user("ada", Some("writers"))),
        (list(&["staff", "writers", "own"]), list(&["writers", "staff"]))
    );
    assert_eq!(of(&user("bob", Some("staff"))), (list(&["staff"]), list(&["staff"])));
    // The public's policies count for everybody without a role.
    assert_eq!(of(&public()), (list(&["open"]), list(&[])));
    assert_eq!(of(&user("ada", None)), (list(&["open", "own"]), list(&[])));
    assert_eq!(of(&user("bob", Some("nowhere"))), (list(&[]), list(&[])));
    // Attached to both a user and a role, it comes to either, and not to the public.
    assert_eq!(of(&user("zoe", Some("staff"))).0, list(&["staff", "both"]));
    assert_eq!(of(&user("bob", Some("others"))).0, list(&["both"]));
    assert!(policies.has_own("ada") && policies.has_own("zoe") && !policies.has_own("bob"));
    assert_eq!(policies.role("staff").map(|role| role.name.as_str()), Some("STAFF"));
    assert_eq!(policies.policy("own").map(|policy| policy.id.as_str()), Some("own"));
    assert!(policies.role("gone").is_none() && policies.policy("gone").is_none());
}

#[test]
fn what_is_attached_to_the_public_makes_nobody_an_administrator() {
    let boss = || Policy {
        admin: true,
        ..policy("boss", "pages")
    };
    let studio = || Policy {
        app: true,
        ..policy("studio", "posts")
    };
    let attached = |user: Option<&str>, role: Option<&str>| {
        Policies::new(
            [boss(), studio()],
            [Role::clone(&self::role("crew", None))],
            [to(user, role, "boss"), to(user, role, "studio")],
        )
    };
    let open = attached(None, None);
    for caller in [public(), user("ada", None)] {
        let access = Access::of(&open, &caller);
        assert!(!access.admin && !access.app, "{caller:?}");
        // What they grant by themselves is the public's all the same.
        assert_eq!(sorted(&access), ["pages", "posts"]);
        assert!(!access.grant("anything", Action::Read).is_some());
    }
    for (policies, caller) in [
        (attached(Some("ada"), None), user("ada", None)),
        (attached(None, Some("crew")), user("ada", Some("crew"))),
    ] {
        let access = Access::of(&policies, &caller);
        assert!(access.admin && access.app);
    }
    // Administrators use the Studio; others only where a policy of theirs says so.
    let only = |policy: Policy| {
        let id = policy.id.clone();
        let own = Policies::new([policy], [], [to(Some("ada"), None, &id)]);
        let access = Access::of(&own, &user("ada", None));
        (access.admin, access.app)
    };
    assert_eq!(only(boss()), (true, true));
    assert_eq!(only(studio()), (false, true));
    assert_eq!(only(policy("plain", "posts")), (false, false));
    // One that is the public's and one of her own: hers decides.
    let mixed = Policies::new(
        [boss(), studio()],
        [],
        [to(None, None, "boss"), to(Some("ada"), None, "studio")],
    );
    let access = Access::of(&mixed, &user("ada", None));
    assert!(!access.admin && access.app);
}

#[test]
fn the_studio_brings_what_it_needs() {
    let studio = Policy {
        app: true,
        permissions: Vec::new(),
        ..policy("studio", "")
    };
    let policies = Policies::new(
        [studio, policy("plain", "posts")],
        [],
        [to(Some("ada"), None, "studio"), to(Some("bob"), None, "plain")],
    );
    let ada = Access::of(&policies, &user("ada", None));
    let cases = ada.grant("directus_presets", Action::Read).cases();
    assert!(!cases.is_empty() && cases.iter().all(|case| case.source.policy.is_none()));
    let bob = Access::of(&policies, &user("bob", None));
    assert!(!bob.grant("directus_presets", Action::Read).is_some());
}

#[test]
fn a_policy_may_ask_for_a_second_factor_and_for_an_address() {
    let strict = Policy {
        enforce_tfa: true,
        ..policy("strict", "pages")
    };
    let office = Policy {
        ip: Some(ip::IpList::parse(["10.0.0.0/8"]).unwrap()),
        ..policy("office", "posts")
    };
    let policies = Policies::new(
        [strict, office],
        [],
        [
            to(Some("ada"), None, "strict"),
            to(Some("bob"), None, "office"),
            to(None, None, "office"),
        ],
    );
    let of = |caller: Caller| Access::of(&policies, &caller);
    assert!(of(user("ada", None)).enforce_tfa);
    assert!(!of(user("bob", None)).enforce_tfa);
    let at = |ip: Option<&str>| Caller::Public {
        ip: ip.map(|ip| ip.parse().unwrap()),
    };
    assert_eq!(sorted(&of(at(Some("10.1.2.3")))), ["posts"]);
    for elsewhere in [Some("11.0.0.1"), None] {
        let access = of(at(elsewhere));
        assert_eq!(sorted(&access), [""; 0]);
        assert!(access.policies.is_empty());
    }
    assert_eq!(user("ada", Some("r")).ip(), at(Some("10.0.0.7")).ip());
    assert_eq!(Caller::system(Reason::Loading).ip(), None);
    assert_eq!(Caller::system(Reason::Loading).user(), None);
    assert_eq!(Caller::system(Reason::Loading).role(), None);
    assert_eq!((public().user(), public().role()), (None, None));
    assert_eq!(
        (user("ada", Some("r")).user(), user("ada", Some("r")).role()),
        (Some("ada"), Some("r"))
    );
}

#[test]
fn who_is_held_up_sees_its_own_address_and_nothing_else() {
    let access = Access::held_up();
    assert_eq!(sorted(&access), ["directus_users"]);
    assert!(!access.admin && !access.app);
    for action in Action::ALL {
        let grant = access.grant("directus_users", action);
        assert_eq!(grant.is_some(), action == Action::Read, "{action:?}");
    }
    let grant = access.grant("directus_users", Action::Read);
    assert!(grant.has("id") && grant.has("email"));
    assert!(!grant.has("first_name") && !grant.has("role") && !grant.has("token"));
    let [case] = grant.cases() else {
        panic!("{} cases", grant.cases().len())
    };
    let mut variables = Vec::new();
    case.rule.as_ref().unwrap().variables(&mut variables);
    assert_eq!(variables.len(), 1, "the row is its own");
}

#[test]
fn a_second_factor_is_asked_for_wherever_the_policy_counts() {
    let strict = |id| Policy {
        enforce_tfa: true,
        ..policy(id, "pages")
    };
    let elsewhere = Policy {
        ip: Some(ip::IpList::parse(["192.168.0.0/16"]).unwrap()),
        ..strict("elsewhere")
    };
    let policies = Policies::new(
        [strict("strict"), elsewhere, policy("plain", "posts")],
        [role("child", Some("parent")), role("parent", None), role("other", None)],
        [
            to(Some("ada"), None, "elsewhere"),
            to(None, Some("parent"), "strict"),
            to(None, Some("other"), "plain"),
            to(Some("bob"), None, "plain"),
        ],
    );
    let asked = |id, role| policies.ask_for_second_factor(&user(id, role));
    assert!(asked("ada", None), "though the policy does not count from here");
    assert!(asked("bob", Some("child")) && asked("eve", Some("parent")));
    assert!(!asked("bob", None) && !asked("bob", Some("other")) && !asked("eve", None));
    assert!(!policies.ask_for_second_factor(&public()));
}

#[test]
fn drafts_stand_beside_or_in_the_place_of_what_is_stored() {
    let policies = Policies::new([policy("p", "pages")], [], [to(Some("ada"), None, "p")]);
    let collections = |policies: &Policies, caller: &Caller| {
        let access = Access::of(policies, caller);
        sorted(&access).join(",")
    };
    let ada = user("ada", None);
    let beside = policies.with_drafts(vec![policy("q", "posts")], Some("ada"));
    assert_eq!(collections(&beside, &ada), "pages,posts");
    assert_eq!(collections(&beside, &user("bob", None)), "");
    assert_eq!(collections(&beside, &public()), "");
    let instead = policies.with_drafts(vec![policy("p", "posts")], Some("ada"));
    assert_eq!(collections(&instead, &ada), "posts");
    let open = policies.with_drafts(vec![policy("q", "posts")], None);
    assert_eq!(collections(&open, &public()), "posts");
    assert_eq!(collections(&open, &user("bob", Some("r"))), "");
    assert_eq!(collections(&policies, &ada), "pages");
}

#[test]
fn cases_keep_what_permissions_say() {
    let presets = json!({"status": "draft"});
    let parse = |rule: &Json, validation: &Json| {
        let found = Permission::parse("pages", "create", rule, validation, &presets, &json!("id"));
        found.unwrap().stored_as(Some(7))
    };
    let rule = json!({"id": {"_eq": 1}});
    let stored = Policy {
        permissions: vec![
            parse(&rule, &json!({})),
            parse(&json!({"id": {"_eq": "$OOPS"}}), &json!({})),
            parse(&rule, &json!({"id": {"_eq": "$OOPS"}})),
            parse(&json!(null), &rule),
        ],
        ..policy("p", "")
    };
    let policies = Policies::new([stored], [], [to(Some("ada"), None, "p")]);
    let access = Access::of(&policies, &user("ada", None));
    // What cannot be understood grants nothing.
    let cases = access.grant("pages", Action::Create).cases();
    let shapes: Vec<_> = cases
        .iter()
        .map(|case| (case.rule.is_some(), case.validation.is_some()))
        .collect();
    assert_eq!(shapes, [(true, false), (false, true)]);
    for case in cases {
        assert_eq!(case.presets, *presets.as_object().unwrap());
        assert_eq!(case.fields, Fields::Some(["id".to_owned()].into()));
        let source = Source {
            policy: Some("p".to_owned()),
            permission: Some(7),
        };
        assert_eq!(case.source, source);
    }
    assert!(!access.grant("pages", Action::Read).is_some());
}
