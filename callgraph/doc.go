// Package callgraph joins what the frontends know of who sends requests to
// whom, and computes from it how many requests one request can become.
//
// A frontend describes each function (or route) by its Effects: what is sent
// one after the other, on alternative branches, in loops, and again by retry
// layers. Link joins the functions of many packages to a Program, which
// evaluates them with the multiplicity algebra: polynomials over named loop
// variables with coefficients in ℕ ∪ {∞}.
package callgraph
