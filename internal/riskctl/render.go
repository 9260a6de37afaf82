package riskctl

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/federated-risk/federated-risk/internal/render"
	"github.com/federated-risk/federated-risk/stacks"
)

func renderCommand() *cobra.Command {
	var flags stackFlags
	var out, output, charts string
	command := &cobra.Command{
		Use:   "render --stack STACK",
		Short: "Print the manifests that the program declares for a stack",
		Long: `Print the manifests that the program declares for a stack, in the order in which kubectl needs them.

Needs no cluster, account, plugins or network. Secrets read "(secret)", in base64 where Kubernetes wants that. An object
to which Pulumi gives a random name is called <resource>-rendered. A Helm release is a document of kind Release with its
chart and values; where the chart is a folder here, its objects are rendered too.`,
		Example: `  riskctl render --stack dev
  riskctl render --stack prod -c services.model-serving.canary.weight=25
  riskctl render --stack prod --out manifests
  riskctl render --stack prod --charts tests/sandbox/charts --output json`,
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			format, err := render.ParseFormat(output)
			if err != nil {
				return usagef("--%w", err)
			}
			config, err := flags.load()
			if err != nil {
				return err
			}
			objects, err := render.Stack(command.Context(), render.Options{Program: stacks.Deploy, Config: config, Charts: charts})
			if err != nil {
				return fmt.Errorf("render stack %s: %w", config.Stack, err)
			}
			if out != "" {
				return render.WriteDir(out, format, objects)
			}
			return render.Write(command.OutOrStdout(), format, objects)
		},
	}
	flags.add(command)
	command.Flags().StringVar(&out, "out", "", "folder to write a file per object to; it must be empty or not exist (default: one stream on the standard output)")
	command.Flags().StringVarP(&output, "output", "o", string(render.YAML), "yaml or json")
	command.Flags().StringVar(&charts, "charts", "", "folder with charts by name: releases of these charts are rendered into objects too")
	return command
}
