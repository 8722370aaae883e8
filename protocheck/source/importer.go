package source

import "maps"

// maxImporters is how many files Importers compiles at most; what so many files use
// is used in every way.
const maxImporters = 100

// Importers compiles the files of the tree that declare services and import a file,
// at any depth, and were not asked for. ok is false if there are too many of them.
func (s *Snapshot) Importers(of string) (files []*File, ok bool) {
	importedBy := s.importedBy()
	reached := maps.Clone(s.asked)
	queue := []string{of}
	var services []string
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		for _, importer := range importedBy[name] {
			if reached[importer] {
				continue
			}
			reached[importer] = true
			queue = append(queue, importer)
			if s.loader.header(importer).services {
				services = append(services, importer)
			}
		}
	}
	if len(services) == 0 || len(services) > maxImporters {
		return nil, len(services) == 0
	}
	opt := s.loader.opt
	opt.CheckOnly = true
	return Load(s.loader.ctx, s.tree, services, opt).Files, true
}

// importedBy lists, for each file of the tree, those that import it: as far as can be
// told by the end of its path.
func (s *Snapshot) importedBy() map[string][]string {
	if s.importers != nil {
		return s.importers
	}
	importers := map[string][]string{}
	for _, name := range s.tree.Files {
		if !IsProto(name) {
			continue
		}
		for _, imp := range s.loader.header(name).imports {
			if found := nearest(s.loader.index.ending(imp.path), name); found != "" {
				importers[found] = append(importers[found], name)
			}
		}
	}
	s.importers = importers
	return importers
}
