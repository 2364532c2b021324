// Command pod-security asks what the API server asks of a pod: the checks of Pod Security Admission, from its own library, at the level
// `restricted` of the version in the only argument. Pods are one array of JSON on standard input, each an object with `metadata` and
// `spec`, such as a template has. Each finding is a line: index of the pod, reason, detail.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("usage: pod-security v1.36 < pods.json")
	}
	version, err := api.ParseVersion(os.Args[1])
	if err != nil {
		return err
	}
	var pods []corev1.PodTemplateSpec
	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&pods); err != nil {
		return err
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return err
	}
	asked := api.LevelVersion{Level: api.LevelRestricted, Version: version}
	for index := range pods {
		for _, result := range evaluator.EvaluatePod(asked, &pods[index].ObjectMeta, &pods[index].Spec) {
			if !result.Allowed {
				fmt.Printf("%d\t%s\t%s\n", index, result.ForbiddenReason, result.ForbiddenDetail)
			}
		}
	}
	return nil
}
