package property

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
)

// InitFailed returns the error for a resource that exists, with id, inputs and outputs, but did not become ready for
// reason. The engine records it as such and updates it again the next time.
func InitFailed(id resource.ID, inputs, outputs resource.PropertyMap, reason string) error {
	options := plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true}
	encodedInputs, err := plugin.MarshalProperties(inputs, options)
	if err != nil {
		return fmt.Errorf("%s (and its inputs cannot be encoded: %w)", reason, err)
	}
	encodedOutputs, err := plugin.MarshalProperties(outputs, options)
	if err != nil {
		return fmt.Errorf("%s (and its outputs cannot be encoded: %w)", reason, err)
	}
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, reason), &pulumirpc.ErrorResourceInitFailed{
		Id: string(id), Inputs: encodedInputs, Properties: encodedOutputs, Reasons: []string{reason},
	})
}
