package breaking

// Ids of the rules, which rules/catalogue/openapi_breaking.cue describes.
const (
	requestNarrowed      = "openapi/request-narrowed"
	responseWidened      = "openapi/response-widened"
	operationRemoved     = "openapi/operation-removed"
	pathRemoved          = "openapi/path-removed"
	parameterRequired    = "openapi/parameter-required"
	parameterNarrowed    = "openapi/parameter-narrowed"
	parameterMoved       = "openapi/parameter-moved"
	parameterRemoved     = "openapi/parameter-removed"
	statusRemoved        = "openapi/status-removed"
	mediaTypeRemoved     = "openapi/media-type-removed"
	securityTightened    = "openapi/security-tightened"
	serverChanged        = "openapi/server-changed"
	serializationChanged = "openapi/serialization-changed"
	headerRemoved        = "openapi/header-removed"
	headerWidened        = "openapi/header-widened"
	idempotencyDropped   = "openapi/idempotency-dropped"
	compatibleChange     = CompatibleChange
)

// CompatibleChange is the rule of changes that break nothing.
const CompatibleChange = "openapi/compatible-change"

// DocumentRemoved is the rule that a document breaks which is there no more. It is
// for those who compare sets of documents to report.
const DocumentRemoved = "openapi/document-removed"

// Implements reports whether a rule is about what changed since an earlier state.
// A comment that silences one says nothing about comparisons with other states, so
// that it is never one too many.
func Implements(rule string) bool {
	switch rule {
	case requestNarrowed, responseWidened, operationRemoved, pathRemoved, parameterRequired, parameterNarrowed,
		parameterMoved, parameterRemoved, statusRemoved, mediaTypeRemoved, securityTightened, serverChanged,
		serializationChanged, headerRemoved, headerWidened, idempotencyDropped, CompatibleChange, DocumentRemoved:
		return true
	}
	return false
}
