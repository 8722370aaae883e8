package catalogue

import (
	"bytes"
	"encoding/json"
	"fmt"

	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/encoding/jsonschema"

	"github.com/commslint/commslint/rules"
	"github.com/commslint/commslint/rules/config"
)

// configSchema writes the JSON schema with which editors check and complete
// commslint.yaml. It comes from the CUE schema that commslint itself uses.
func configSchema(all []rules.Rule) ([]byte, error) {
	ctx := cuecontext.New()
	schema, err := config.Schema(ctx, all)
	if err != nil {
		return nil, err
	}
	expr, err := jsonschema.Generate(schema, nil)
	if err != nil {
		return nil, fmt.Errorf("JSON schema: %w", err)
	}
	compact, err := ctx.BuildExpr(expr).MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("JSON schema: %w", err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, compact, "", "  "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
