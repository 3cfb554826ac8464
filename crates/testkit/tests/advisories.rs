//! One test for each class of published security advisories, and for the single ones that concern what exists: each
//! plants what was leaked, taken or broken, and asks for it in the ways that once worked. Every test has a project of
//! its own on a server of its own, so that what a refusal leaves behind can be compared byte by byte.

#[cfg(test)]
#[path = "advisories"]
mod advisories {
    mod accounts;
    mod denied;
    mod egress;
    mod escalation;
    mod exposure;
    mod grants;
    mod index;
    mod limits;
    mod mail;
    mod office;
    mod oracles;
    mod pages;
    mod rules;
    mod scopes;
    mod sso;
}
