package main

import (
	"fmt"
	"strings"
)

// check refuses models whose entries contradict each other, which the CUE
// schema cannot see.
func check(libraries []Library) error {
	owner := make(map[string]string)
	for _, lib := range libraries {
		for _, path := range lib.Packages {
			if other, taken := owner[path]; taken {
				return fmt.Errorf("rules/clients: package %s belongs to both %s and %s; name it once", path, other, lib.ID)
			}
			owner[path] = lib.ID
		}
		if err := checkFuncs(lib); err != nil {
			return err
		}
	}
	return nil
}

// checkFuncs refuses two entries for the same method, one written with and
// one without the star: only one of them would ever be found.
func checkFuncs(lib Library) error {
	seen := make(map[string]string)
	for _, f := range lib.Funcs {
		key := strings.Replace(f.Name, "(*", "(", 1)
		if other, taken := seen[key]; taken {
			return fmt.Errorf("rules/clients: library %s: %s and %s are the same method; keep one", lib.ID, other, f.Name)
		}
		seen[key] = f.Name
	}
	return nil
}
