// Package document represents an OpenAPI description, from Swagger 2.0 to OpenAPI 3.2, in one form:
// references followed, what path items and defaults add worked out, and a place for everything.
// What a description lacks or has wrong is a Problem of it; the rest is there all the same.
package document

import (
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/tree"
)

// A Version is a version of the specification, as far as versions differ for the reader.
type Version uint8

const (
	Swagger20 Version = iota + 1
	OpenAPI30
	OpenAPI31
	OpenAPI32
)

// A Document is one description with all the files that it refers to.
type Document struct {
	Root    *tree.Node
	Version Version
	// VersionText is the version as written: "3.0.3".
	VersionText string
	Info        Info

	Servers         []*Server         // of the document; one with the URL "/" and no Node if it has none
	Security        *Security         // of the document; nil if absent
	SecuritySchemes []*SecurityScheme // in the order of the document
	Paths           []*PathItem       // in the order of the document
	Webhooks        []*PathItem

	// Files are all that were read, the document's own first, the others in the order of their names.
	Files []*tree.File
	// Problems are what was found wrong while reading, in the order of their places.
	Problems []Problem

	schemas     *schema.Reader
	schemaNodes []*tree.Node // where schemas stand outside of others
	dangling    map[finding.Location]bool
}

// Info is what a document says of itself.
type Info struct {
	Node           *tree.Node
	Title, Version string
}

// A Problem is a defect of the text itself.
type Problem struct {
	Rule string // RuleDanglingRef, RuleInvalid
	// AtMost is Warning for what readers of the document get along with; empty otherwise.
	AtMost  finding.Level
	Message string
	finding.Location
	Related []finding.Related
	Fixes   []finding.Fix
}

// The rules that problems break.
const (
	RuleDanglingRef = "openapi/dangling-ref"
	RuleInvalid     = "openapi/invalid"
)

// A PathItem is a path, a webhook, or an expression of a callback, with its operations.
type PathItem struct {
	// Name is the path template, the name of the webhook, or the runtime expression.
	Name string
	Node *tree.Node // after its $ref is followed
	// At is the place of its key where it is used.
	At finding.Location

	Parameters []*Parameter // its own, which all of its operations have
	Servers    []*Server    // its own; nil if absent
	Operations []*Operation // in the order of the document
}

// ShortName is the name for messages, which a name of any length must not blow up.
func (item *PathItem) ShortName() string {
	const most = 200
	if len(item.Name) <= most {
		return item.Name
	}
	return strings.ToValidUTF8(item.Name[:most], "") + "…"
}

// An Operation is a method of a path item.
type Operation struct {
	Method string // in upper case: GET, QUERY; additionalOperations as they are written
	Item   *PathItem
	Node   *tree.Node // after its $ref is followed
	At     finding.Location

	ID          string // operationId; "" if absent
	Tags        []string
	Deprecated  bool
	Parameters  []*Parameter // with those of the path item that it does not override
	RequestBody *Body        // nil if absent
	Responses   []*Response  // in the order of the document
	Callbacks   []*Callback
	// Incomplete says that some part of it is a reference that leads nowhere, which is a
	// problem of its own: what is absent may be in there.
	Incomplete bool
	// Security is that in force: its own or the document's; nil if neither says anything.
	Security *Security
	// Servers are those in force: its own, the path item's, or the document's.
	Servers []*Server
}

// A Callback is a set of requests that the provider sends to its client.
type Callback struct {
	Name string
	Node *tree.Node
	At   finding.Location
	// Items have the runtime expression of the URL as Name. A callback can refer to the path
	// item that it is in: then the items lead back to it.
	Items []*PathItem
}

// A Server is a base URL.
type Server struct {
	Node      *tree.Node // nil for the server that is meant when there are none
	URL       string     // with {variables}
	Variables []Variable
}

// A Variable stands for a part of a server's URL.
type Variable struct {
	Name    string
	Node    *tree.Node
	Default string
	Enum    []string // nil if absent
}

// Security says what a request must carry: one of the requirements. No
// requirements at all, and an empty one, mean that none is needed.
type Security struct {
	Node         *tree.Node
	Requirements []Requirement
}

// A Requirement is met if all of its uses are.
type Requirement struct {
	Node *tree.Node
	Uses []SchemeUse
}

// A SchemeUse is a security scheme with the scopes (or roles) that it must grant.
type SchemeUse struct {
	Name   string
	Scheme *SecurityScheme // nil if the document declares none of that name
	Scopes []string
	At     finding.Location
}

// A SecurityScheme is a way to authenticate.
type SecurityScheme struct {
	Name string // of the component
	Node *tree.Node
	At   finding.Location

	Type             string // apiKey, http, oauth2, openIdConnect, mutualTLS; 2.0's basic is http
	In               string // of apiKey: query, header, cookie
	ParameterName    string // of apiKey
	Scheme           string // of http, in lower case: basic, bearer
	BearerFormat     string
	OpenIDConnectURL string
	Flows            []Flow
}

// A Flow is a way to get a token of OAuth 2.
type Flow struct {
	Kind                       string // implicit, password, clientCredentials, authorizationCode, deviceAuthorization
	Node                       *tree.Node
	AuthorizationURL, TokenURL string
	RefreshURL                 string
	DeviceAuthorizationURL     string
	Scopes                     []string // sorted
}

// Extension returns the value of an x- key of an object; nil if it has none.
func Extension(n *tree.Node, name string) *tree.Node { return n.Get(name) }
