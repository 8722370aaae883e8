package breaking

import "slices"

// Ids of the rules, which rules/catalogue/proto_breaking.cue describes.
const (
	packageRemoved          = "proto/package-removed"
	packageChanged          = "proto/package-changed"
	fileRemoved             = "proto/file-removed"
	fileOptionChanged       = "proto/file-option-changed"
	syntaxChanged           = "proto/syntax-changed"
	messageRemoved          = "proto/message-removed"
	enumRemoved             = "proto/enum-removed"
	extensionRemoved        = "proto/extension-removed"
	serviceRemoved          = "proto/service-removed"
	elementMoved            = "proto/element-moved"
	visibilityNarrowed      = "proto/visibility-narrowed"
	fieldRemoved            = "proto/field-removed"
	fieldRenumbered         = "proto/field-renumbered"
	fieldReused             = "proto/field-reused"
	fieldRenamed            = "proto/field-renamed"
	jsonNameChanged         = "proto/json-name-changed"
	fieldTypeChanged        = "proto/field-type-changed"
	fieldCardinalityChanged = "proto/field-cardinality-changed"
	fieldDefaultChanged     = "proto/field-default-changed"
	fieldOneofChanged       = "proto/field-oneof-changed"
	oneofRemoved            = "proto/oneof-removed"
	requiredFieldChanged    = "proto/required-field-changed"
	reservedRemoved         = "proto/reserved-removed"
	extensionRangeRemoved   = "proto/extension-range-removed"
	generatedCodeChanged    = "proto/generated-code-changed"
	stringValidationChanged = "proto/string-validation-changed"
	jsonFormatRemoved       = "proto/json-format-removed"
	enumValueRemoved        = "proto/enum-value-removed"
	enumValueRenumbered     = "proto/enum-value-renumbered"
	enumValueRenamed        = "proto/enum-value-renamed"
	enumTypeChanged         = "proto/enum-type-changed"
	rpcRemoved              = "proto/rpc-removed"
	rpcTypeChanged          = "proto/rpc-type-changed"
	rpcStreamingChanged     = "proto/rpc-streaming-changed"
	idempotencyWeakened     = "proto/idempotency-weakened"
	httpChanged             = "proto/http-changed"
	httpRemoved             = "proto/http-removed"
	fieldBehaviorTightened  = "proto/field-behavior-tightened"
	validationTightened     = "proto/validation-tightened"
	methodSignatureChanged  = "proto/method-signature-changed"
	operationTypeChanged    = "proto/operation-type-changed"
	resourceChanged         = "proto/resource-changed"
	compatibleChange        = CompatibleChange
)

// CompatibleChange is the rule of changes that break nothing, in the dimensions that
// the user chose.
const CompatibleChange = "proto/compatible-change"

// Rules are the ids of all rules about changes.
func Rules() []string {
	return []string{
		packageRemoved, packageChanged, fileRemoved, fileOptionChanged, syntaxChanged, messageRemoved, enumRemoved,
		extensionRemoved, serviceRemoved, elementMoved, visibilityNarrowed, fieldRemoved, fieldRenumbered, fieldReused,
		fieldRenamed, jsonNameChanged, fieldTypeChanged, fieldCardinalityChanged, fieldDefaultChanged, fieldOneofChanged,
		oneofRemoved, requiredFieldChanged, reservedRemoved, extensionRangeRemoved, generatedCodeChanged,
		stringValidationChanged, jsonFormatRemoved, enumValueRemoved, enumValueRenumbered, enumValueRenamed, enumTypeChanged,
		rpcRemoved, rpcTypeChanged, rpcStreamingChanged, idempotencyWeakened, httpChanged, httpRemoved,
		fieldBehaviorTightened, validationTightened, methodSignatureChanged, operationTypeChanged, resourceChanged,
		compatibleChange,
	}
}

// Implements reports whether a rule is about what changed since an earlier state.
func Implements(rule string) bool { return slices.Contains(Rules(), rule) }
