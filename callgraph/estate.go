package callgraph

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// An Estate is what is known of a system beside its code: the proxies between its
// services, and by which names they call each other.
type Estate struct {
	Routes    []Route        `json:"routes,omitempty"`
	Workloads []Workload     `json:"workloads,omitempty"`
	Services  []ServiceNames `json:"services,omitempty"`
	Contracts []Contract     `json:"contracts,omitempty"`
}

// ServiceNames are the names of a service that the configuration tells.
type ServiceNames struct {
	Name     string   `json:"name"`
	Hosts    []string `json:"hosts,omitempty"`    // with or without port
	Env      []string `json:"env,omitempty"`      // environment variables that hold its address
	Clusters []string `json:"clusters,omitempty"` // of proxies
	Dir      string   `json:"dir,omitempty"`      // of its code, as files of positions are named; may be empty
}

// A service is a process of the system, or several that are alike, as far as
// anything tells of it.
type service struct {
	ServiceNames
	mains     []string // folders of its main packages
	workloads []*Workload
	why       string // how it is known: "services.payments", "Kubernetes Service payments"
}

// services are those of a system.
type services struct {
	all    []*service
	byHost map[string]*service // lower case
	byEnv  map[string]*service
	// byPlain are the services by plainName, byImage by that of an image, and byTag by
	// what a tag of an image ends with; byDir those that have a folder to themselves.
	byPlain map[string][]*service
	byImage map[string]*service
	byTag   map[string]*service
	byDir   map[string]*service
	// owners tell to which service a package belongs, by import path; nil for one
	// that several share.
	owners map[string]*service
	dirs   map[string]string // of packages
}

func newServices(e *Estate, packages []Package) *services {
	s := &services{byHost: map[string]*service{}, byEnv: map[string]*service{}, byPlain: map[string][]*service{}, byImage: map[string]*service{}, byTag: map[string]*service{}, byDir: map[string]*service{}, owners: map[string]*service{}, dirs: map[string]string{}}
	for _, names := range e.Services {
		s.add(&service{ServiceNames: names, why: "services." + names.Name + " of the configuration"})
	}
	for i := range e.Workloads {
		s.addWorkload(&e.Workloads[i])
	}
	shared := sharedNames(packages)
	for i := range packages {
		if p := &packages[i]; p.Main && p.Dir != "" {
			s.addMain(p.Dir, p.commandName(), shared)
		}
	}
	s.own(packages)
	for i := range packages {
		if p := &packages[i]; p.Service != "" {
			s.owners[p.Path] = s.named(p.Service)
		}
	}
	return s
}

// named is the service of a name, which is added if there is none.
func (s *services) named(name string) *service {
	for _, svc := range s.byPlain[plainName(name)] {
		if svc.Name == name {
			return svc
		}
	}
	svc := &service{ServiceNames: ServiceNames{Name: name}, why: "service " + name}
	s.add(svc)
	return svc
}

func (s *services) add(svc *service) {
	s.all = append(s.all, svc)
	s.byPlain[plainName(svc.Name)] = append(s.byPlain[plainName(svc.Name)], svc)
	if svc.Dir != "" {
		first(s.byDir, path.Clean(svc.Dir), svc)
	}
	s.name(svc, svc.Name)
	for _, h := range slices.Concat(svc.Hosts, svc.Clusters) {
		s.name(svc, h)
	}
	for _, env := range svc.Env {
		if s.byEnv[env] == nil {
			s.byEnv[env] = svc
		}
	}
}

// name gives a host to a service, if no other has it.
func (s *services) name(svc *service, host string) {
	host = strings.ToLower(host)
	if s.byHost[host] == nil {
		s.byHost[host] = svc
	}
}

// addWorkload joins a workload with the service that has its name, or one of its
// hosts.
func (s *services) addWorkload(w *Workload) {
	var svc *service
	for _, host := range append([]string{w.Name}, w.Hosts...) {
		if svc = s.byHost[strings.ToLower(host)]; svc != nil {
			break
		}
	}
	if svc == nil {
		svc = &service{ServiceNames: ServiceNames{Name: w.Name}, why: "workload " + w.Name + " at " + w.At.text()}
		s.add(svc)
	}
	svc.workloads = append(svc.workloads, w)
	for _, h := range w.Hosts {
		s.name(svc, h)
	}
	for _, image := range w.Images {
		s.addImage(svc, image)
	}
}

// addImage notes what a service is called by one of its images: by the last element of
// "registry/shop/payments:1.2", and by the end of a tag, as in "shop:1.2-payments".
func (s *services) addImage(svc *service, image string) {
	repository, tag, _ := strings.Cut(path.Base(image), ":")
	repository, _, _ = strings.Cut(repository, "@")
	first(s.byImage, plainName(repository), svc)
	for {
		_, rest, ok := strings.Cut(tag, "-")
		if !ok {
			return
		}
		first(s.byTag, rest, svc)
		tag = rest
	}
}

// first puts a service into an index, if no other is there.
func first(index map[string]*service, key string, svc *service) {
	if index[key] == nil {
		index[key] = svc
	}
}

// addMain joins a command with the service whose folder it lies in, that has its
// name, or whose image is called so. Of commands that share a name, as each service may have
// one called api, none is known by it: what else is known of them would be another's.
func (s *services) addMain(dir, name string, shared map[string]bool) {
	var svc *service
	for at := path.Clean(dir); svc == nil && at != "." && at != "/" && at != ".."; at = path.Dir(at) {
		if known := s.byDir[at]; known != nil && known.Dir != "" && path.Clean(known.Dir) == at {
			svc = known
		}
	}

	if svc == nil && name != "" {
		if known := s.byPlain[plainName(name)]; len(known) > 0 {
			svc = known[0]
		} else {
			svc = cmp.Or(s.byImage[plainName(name)], s.byTag[name])
		}
	}
	if svc == nil {
		if shared[plainName(name)] {
			name = dir
		}
		svc = &service{ServiceNames: ServiceNames{Name: cmp.Or(name, dir)}, why: "command in " + dir}
		s.add(svc)
	}
	svc.mains = append(svc.mains, dir)
	first(s.byDir, path.Clean(dir), svc)
}

// sharedNames are those that commands in several folders have.
func sharedNames(packages []Package) map[string]bool {
	dirs := map[string]string{}
	shared := map[string]bool{}
	for i := range packages {
		p := &packages[i]
		if name := plainName(p.commandName()); p.Main && p.Dir != "" && name != "" {
			shared[name] = shared[name] || dirs[name] != "" && dirs[name] != p.Dir
			dirs[name] = p.Dir
		}
	}
	return shared
}

func (pkg *Package) commandName() string { return cmp.Or(commandName(pkg.Dir), commandName(pkg.Path)) }

// commandName is what a command is called by the folders that it lies in.
func commandName(dir string) string {
	for _, part := range slices.Backward(strings.Split(path.Clean(dir), "/")) {
		switch part {
		case "cmd", "src", "app", "main", "server", "service", "internal", ".", "..", "":
			continue
		}
		return part
	}
	return ""
}

// plainName is a name without what people add to it or leave out.
func plainName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
	for _, suffix := range []string{"service", "svc", "server"} {
		if rest := strings.TrimSuffix(name, suffix); rest != "" {
			name = rest
		}
	}
	return name
}

// own finds out to which service each package belongs: the one whose folder it lies
// in, or the only one whose command imports it.
func (s *services) own(packages []Package) {
	imports := make(map[string][]string, len(packages))
	for i := range packages {
		p := &packages[i]
		imports[p.Path] = append(imports[p.Path], p.Imports...)
		if p.Dir != "" {
			s.dirs[p.Path] = p.Dir
		}
	}
	mains := map[string]*service{}
	for _, svc := range s.all {
		for _, dir := range svc.mains {
			first(mains, path.Clean(dir), svc)
		}
	}
	shared := map[string]bool{}
	for i := range packages {
		if p := &packages[i]; p.Main {
			if svc := mains[path.Clean(p.Dir)]; svc != nil {
				s.reach(p.Path, svc, imports, shared)
			}
		}
	}
	for pkg := range shared {
		delete(s.owners, pkg)
	}
	for pkg, dir := range s.dirs {
		if svc := s.inside(dir); svc != nil {
			s.owners[pkg] = svc
		}
	}
}

// reach marks the packages below one as a service's, or as shared.
func (s *services) reach(root string, svc *service, imports map[string][]string, shared map[string]bool) {
	queue := []string{root}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if _, known := imports[path]; !known || shared[path] || s.owners[path] == svc {
			continue
		}
		if s.owners[path] != nil {
			shared[path] = true
		}
		s.owners[path] = svc
		queue = append(queue, imports[path]...)
	}
}

// inside finds the service in whose folder another lies: as configured, else a folder
// that a command has for itself.
func (s *services) inside(dir string) *service {
	for dir = path.Clean(dir); dir != "." && dir != "/" && dir != ".."; dir = path.Dir(dir) {
		if svc := s.byDir[dir]; svc != nil {
			return svc
		}
	}
	return nil
}

func withinDir(dir, name string) bool {
	dir, name = path.Clean(dir), path.Clean(name)
	return dir == name || strings.HasPrefix(name, dir+"/")
}

// ownerOf is the service that a function belongs to, nil if that is not known.
func (s *services) ownerOf(id string) *service {
	for _, path := range packagesOf(id) {
		if svc, ok := s.owners[path]; ok {
			return svc
		}
	}
	return nil
}

// packagesOf lists the import paths that the id of a function may begin with, longest
// first. There are several where the last element of the path may hold a dot.
func packagesOf(id string) []string {
	id = strings.TrimLeft(id, "(*")
	id, _, _ = strings.Cut(id, "[")
	var paths []string
	for i := len(id) - 1; i > strings.LastIndexByte(id, '/'); i-- {
		if id[i] == '.' {
			paths = append(paths, id[:i])
		}
	}
	return paths
}

// ofHost finds the service that an authority names, by what it is known.
func (s *services) ofHost(authority string) (svc *service, why string) {
	for _, name := range []string{authority, hostOf(authority)} {
		if svc := s.byHost[strings.ToLower(name)]; svc != nil {
			return svc, svc.evidence(name)
		}
	}
	return nil, ""
}

// alsoCalled lists the names that mean the same as one of a service: of a workload, those
// of its namespace, and else all.
func (svc *service) alsoCalled(authority string) []string {
	var all []string
	for _, w := range svc.workloads {
		if slices.Contains(w.Hosts, strings.ToLower(hostOf(authority))) {
			all = append(all, w.Hosts...)
		}
	}
	if len(all) > 0 {
		return all
	}
	all = slices.Concat([]string{svc.Name}, svc.Hosts)
	for _, w := range svc.workloads {
		all = append(all, w.Hosts...)
	}
	return all
}

// evidence says why a name is one of the service.
func (svc *service) evidence(name string) string {
	for _, w := range svc.workloads {
		if slices.Contains(w.Hosts, name) || w.Name == name {
			return "host " + name + " is the workload at " + w.At.text()
		}
	}
	return "host " + name + " is " + svc.why
}

// env finds what an environment variable is set to for a service, or for all that
// have it alike where svc is nil.
func (s *services) env(svc *service, name string) (EnvValue, bool) {
	var found []EnvValue
	collect := func(from *service) {
		for _, w := range from.workloads {
			for _, e := range w.Env {
				if e.Name == name {
					found = append(found, e)
				}
			}
		}
	}
	if svc != nil {
		collect(svc)
	}
	if len(found) == 0 {
		for _, other := range s.all {
			collect(other)
		}
	}
	values := map[string]bool{}
	for _, e := range found {
		values[e.Value] = true
	}
	if len(values) != 1 {
		return EnvValue{}, false
	}
	return found[0], true
}

// names lists the services in order.
func (s *services) names() []string {
	names := map[string]bool{}
	for _, svc := range s.all {
		names[svc.Name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// text writes a position as file:line.
func (p Posn) text() string {
	if p.Line == 0 {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}
