package manifest

import (
	"bytes"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/tree"
)

// composeGroup and composeKind are those of a Compose file, which is no Kubernetes document but says the same of services: their names,
// and the environment of their containers.
const (
	composeGroup = "compose"
	composeKind  = "Services"
)

// isCompose reports whether a document is a Compose file: services at the top, with images or what to build them from.
func isCompose(document []byte) bool {
	if _, ok := topLevel(document, "services"); !ok {
		return false
	}
	for line := range bytes.Lines(document) {
		indented := bytes.TrimLeft(line, " ")
		if depth := len(line) - len(indented); depth < 2 || depth > 8 {
			continue
		}
		if bytes.HasPrefix(indented, []byte("image:")) || bytes.HasPrefix(indented, []byte("build:")) {
			return true
		}
	}
	return false
}

// composeServices lists the workloads of a Compose file. Services reach each other by their names.
func composeServices(o *Object) []callgraph.Workload {
	var all []callgraph.Workload
	services := o.Root.Get("services")
	if services == nil || services.Kind != tree.Object {
		return nil
	}
	for i := range services.Members {
		m := &services.Members[i]
		if m.KeyTemplated() || m.Value.Kind != tree.Object {
			continue
		}
		at := m.Value.File.Location(m.KeyStart, m.KeyEnd)
		w := callgraph.Workload{
			Name: m.Key, Hosts: composeHosts(m.Key, m.Value), Ports: composePorts(m.Value), Env: composeEnvironment(m.Value.Get("environment")),
			At: callgraph.Posn{File: at.File, Line: at.Line, Col: at.Column},
		}
		if image := Text(m.Value.Get("image")); image != "" {
			w.Images = append(w.Images, image)
		}
		if from := buildFolder(m.Value.Get("build")); from != "" {
			w.Images = append(w.Images, from)
		}
		all = append(all, w)
	}
	return all
}

func composeHosts(name string, service *tree.Node) []string {
	hosts := []string{name}
	add := func(host string) {
		if host != "" && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	add(Text(service.Get("container_name")))
	add(Text(service.Get("hostname")))
	if networks := service.Get("networks"); networks != nil {
		for _, network := range networks.Members {
			if aliases := network.Value.Get("aliases"); aliases != nil {
				for _, alias := range aliases.Items {
					add(Text(alias))
				}
			}
		}
	}
	return hosts
}

// composePorts are the ports inside of containers: "8080:80/tcp" and {target: 80} are 80.
func composePorts(service *tree.Node) []int {
	var ports []int
	for _, key := range []string{"expose", "ports"} {
		list := service.Get(key)
		if list == nil {
			continue
		}
		for _, item := range list.Items {
			text := Text(item)
			if item.Kind == tree.Object {
				text = Text(item.Get("target"))
			}
			text, _, _ = strings.Cut(text, "/")
			port, err := strconv.Atoi(text[strings.LastIndexByte(text, ':')+1:])
			if err == nil && !slices.Contains(ports, port) {
				ports = append(ports, port)
			}
		}
	}
	return ports
}

// composeEnvironment reads a map of variables, or a list of NAME=value.
func composeEnvironment(n *tree.Node) []callgraph.EnvValue {
	var all []callgraph.EnvValue
	if n == nil {
		return nil
	}
	for _, m := range n.Members {
		if m.Value.Kind != tree.Null && !m.Value.Templated() {
			all = append(all, callgraph.EnvValue{Name: m.Key, Value: m.Value.Text, At: At(m.Value)})
		}
	}
	for _, item := range n.Items {
		if name, value, ok := strings.Cut(Text(item), "="); ok {
			all = append(all, callgraph.EnvValue{Name: name, Value: value, At: At(item)})
		}
	}
	return all
}

// buildFolder is the folder that an image is built from, which names the service's code.
func buildFolder(n *tree.Node) string {
	folder := Text(n)
	if n != nil && n.Kind == tree.Object {
		folder = Text(n.Get("context"))
	}
	folder = path.Clean(folder)
	if folder == "." || strings.HasPrefix(folder, "..") || strings.Contains(folder, "://") {
		return ""
	}
	return folder
}
