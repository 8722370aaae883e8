package main

import (
	"fmt"
	"strings"
)

// check refuses models whose entries contradict each other, which the CUE
// schema cannot see.
func check(libraries []Library, retries []RetryLibrary) error {
	owner := make(map[string]string)
	for _, lib := range libraries {
		if err := own(owner, lib.ID, lib.Packages); err != nil {
			return err
		}
		if err := checkFuncs(lib.ID, lib.Funcs, func(f Func) string { return f.Name }); err != nil {
			return err
		}
	}
	clear(owner)
	for _, lib := range retries {
		if err := own(owner, lib.ID, lib.Packages); err != nil {
			return err
		}
		if err := checkFuncs(lib.ID, lib.Funcs, func(f RetryFunc) string { return f.Name }); err != nil {
			return err
		}
	}
	return nil
}

// own refuses packages that two entries claim.
func own(owner map[string]string, id string, packages []string) error {
	for _, path := range packages {
		if other, taken := owner[path]; taken {
			return fmt.Errorf("rules/clients: package %s belongs to both %s and %s; name it once", path, other, id)
		}
		owner[path] = id
	}
	return nil
}

// checkFuncs refuses two entries for the same method, one written with and
// one without the star: only one of them would ever be found.
func checkFuncs[F any](id string, funcs []F, nameOf func(F) string) error {
	seen := make(map[string]string)
	for _, f := range funcs {
		name := nameOf(f)
		key := strings.Replace(name, "(*", "(", 1)
		if other, taken := seen[key]; taken {
			return fmt.Errorf("rules/clients: library %s: %s and %s are the same method; keep one", id, other, name)
		}
		seen[key] = name
	}
	return nil
}
