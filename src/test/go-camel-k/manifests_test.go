// Package manifests verifies deploy/camel-k with the traits of Camel K, which make the Deployment and the Service of an
// Integration. No cluster is asked.
package manifests

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/apache/camel-k/v2/pkg/apis"
	v1 "github.com/apache/camel-k/v2/pkg/apis/camel/v1"
	camel "github.com/apache/camel-k/v2/pkg/client"
	camelv1 "github.com/apache/camel-k/v2/pkg/client/camel/clientset/versioned/typed/camel/v1"
	"github.com/apache/camel-k/v2/pkg/resources"
	"github.com/apache/camel-k/v2/pkg/trait"
	"github.com/apache/camel-k/v2/pkg/util/defaults"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes"
	fakekubernetes "k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/scale"
	ctrl "sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

const namespace = "default"

// repository is the folder of the project; REPOSITORY names it for a copy of this module.
func repository() string {
	if given := os.Getenv("REPOSITORY"); given != "" {
		return given
	}
	return filepath.Join("..", "..", "..")
}

func folder() string {
	return filepath.Join(repository(), "deploy", "camel-k")
}

// cluster is a client of an empty cluster in memory, with the parts of Camel K's client that traits use.
type cluster struct {
	ctrl.Client
	kubernetes.Interface
}

func newCluster(t *testing.T, objects ...runtime.Object) camel.Client {
	t.Helper()
	if err := apis.AddToScheme(scheme.Scheme); err != nil {
		t.Fatal(err)
	}
	client := fake.NewClientBuilder().WithScheme(scheme.Scheme).WithRuntimeObjects(objects...).Build()
	return &cluster{client, fakekubernetes.NewClientset()}
}

func (c *cluster) CamelV1() camelv1.CamelV1Interface          { return nil }
func (c *cluster) GetScheme() *runtime.Scheme                 { return scheme.Scheme }
func (c *cluster) GetConfig() *rest.Config                    { return &rest.Config{} }
func (c *cluster) GetCurrentNamespace(string) (string, error) { return namespace, nil }
func (c *cluster) ScalesClient() (scale.ScalesGetter, error)  { return nil, errors.New("no scales") }
func (c *cluster) ServerOrClientSideApplier() camel.ServerOrClientSideApplier {
	return camel.ServerOrClientSideApplier{Client: c}
}

// Patch stores the object, in place of a server-side apply.
func (c *cluster) Patch(ctx context.Context, object ctrl.Object, _ ctrl.Patch, _ ...ctrl.PatchOption) error {
	if err := c.Create(ctx, object); err != nil {
		return c.Update(ctx, object)
	}
	return nil
}

func read(t *testing.T, file string, object any) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parse(t, file, content, object)
}

func parse(t *testing.T, file string, content []byte, object any) {
	t.Helper()
	// one document in each file; a member that the type does not have is a fault
	decoder := yaml.NewYAMLToJSONDecoder(bytes.NewReader(content))
	if err := decoder.Decode(object); err != nil && !errors.Is(err, io.EOF) {
		t.Fatalf("%s: %v", file, err)
	}
}

// kustomization is the part of Kustomize's file that names what is made.
type kustomization struct {
	ConfigMapGenerator []struct {
		Name string `json:"name"`
	} `json:"configMapGenerator"`
	GeneratorOptions struct {
		DisableNameSuffixHash bool `json:"disableNameSuffixHash"`
	} `json:"generatorOptions"`
}

// made are the names of the ConfigMaps and Secrets that the folder, or a command of its page, makes.
func made(t *testing.T) (configMaps, secrets []string) {
	t.Helper()
	var kustomize kustomization
	read(t, filepath.Join(folder(), "kustomization.yaml"), &kustomize)
	if !kustomize.GeneratorOptions.DisableNameSuffixHash {
		t.Error("Kustomize would change names that the traits refer to")
	}
	for _, generated := range kustomize.ConfigMapGenerator {
		configMaps = append(configMaps, generated.Name)
	}
	page, err := os.ReadFile(filepath.Join(repository(), "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	create := regexp.MustCompile(`kubectl create (?:(secret) generic|configmap) (\S+)`)
	for _, command := range create.FindAllSubmatch(page, -1) {
		if len(command[1]) > 0 {
			secrets = append(secrets, string(command[2]))
		} else {
			configMaps = append(configMaps, string(command[2]))
		}
	}
	return configMaps, secrets
}

// profiles are those of clusters without and with Knative.
var profiles = []v1.TraitProfile{v1.TraitProfileKubernetes, v1.TraitProfileKnative}

// deployed is what the traits make of the Integration.
type deployed struct {
	integration *v1.Integration
	deployment  *appsv1.Deployment
	service     *corev1.Service
	configMaps  []string
}

// inEachProfile runs a test on what is deployed.
func inEachProfile(t *testing.T, test func(t *testing.T, it deployed)) {
	t.Helper()
	for _, profile := range profiles {
		t.Run(string(profile), func(t *testing.T) { test(t, apply(t, profile)) })
	}
}

// apply runs the traits in the phases of an Integration that has an image.
func apply(t *testing.T, profile v1.TraitProfile) deployed {
	t.Helper()
	var claim corev1.PersistentVolumeClaim
	read(t, filepath.Join(folder(), "volume-claim.yaml"), &claim)
	claim.Namespace = namespace
	client := newCluster(t, catalog(t), platform(), &claim)

	var integration v1.Integration
	read(t, filepath.Join(folder(), "integration.yaml"), &integration)
	integration.Namespace = namespace
	integration.Status.Profile = profile
	ctx := context.Background()
	for _, phase := range []v1.IntegrationPhase{v1.IntegrationPhaseInitialization, v1.IntegrationPhaseBuildComplete} {
		integration.Status.Phase = phase
		if _, err := trait.Apply(ctx, client, &integration, nil); err != nil {
			t.Fatalf("phase %s: %v", phase, err)
		}
	}
	integration.Status.Phase = v1.IntegrationPhaseDeploying
	environment, err := trait.Apply(ctx, client, &integration, nil)
	if err != nil {
		t.Fatal(err)
	}
	deployment := environment.Resources.GetDeploymentForIntegration(&integration)
	if deployment == nil {
		t.Fatalf("no Deployment: %v", integration.Status.Conditions)
	}
	it := deployed{&integration, deployment, environment.Resources.GetServiceForIntegration(&integration), nil}
	environment.Resources.VisitConfigMap(func(made *corev1.ConfigMap) { it.configMaps = append(it.configMaps, made.Name) })
	return it
}

// catalog is the Camel catalog of the operator.
func catalog(t *testing.T) *v1.CamelCatalog {
	t.Helper()
	name := "camel-catalog-" + defaults.DefaultRuntimeVersion + ".yaml"
	content, err := resources.Resource("resources/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var catalog v1.CamelCatalog
	parse(t, name, content, &catalog)
	catalog.Namespace = namespace
	return &catalog
}

// platform is what an operator before 2.11 needs in its namespace; later ones are set by environment variables.
func platform() *v1.IntegrationPlatform {
	platform := v1.NewIntegrationPlatform(namespace, "camel-k")
	platform.Status.Phase = v1.IntegrationPlatformPhaseReady
	platform.Status.Build.RuntimeVersion = defaults.DefaultRuntimeVersion
	return &platform
}

func container(t *testing.T, deployment *appsv1.Deployment) corev1.Container {
	t.Helper()
	containers := deployment.Spec.Template.Spec.Containers
	if len(containers) != 1 {
		t.Fatalf("%d containers", len(containers))
	}
	return containers[0]
}

func TestEachVolumeHasItsOwnNameAndIsMountedOnce(t *testing.T) {
	inEachProfile(t, func(t *testing.T, it deployed) {
		deployment := it.deployment
		var names, mounted []string
		for _, volume := range deployment.Spec.Template.Spec.Volumes {
			if slices.Contains(names, volume.Name) {
				t.Errorf("volume %s occurs twice, which Kubernetes refuses", volume.Name)
			}
			names = append(names, volume.Name)
		}
		for _, mount := range container(t, deployment).VolumeMounts {
			if slices.Contains(mounted, mount.MountPath) {
				t.Errorf("%s is mounted twice", mount.MountPath)
			}
			if !slices.Contains(names, mount.Name) {
				t.Errorf("%s mounts %s, which is no volume", mount.MountPath, mount.Name)
			}
			mounted = append(mounted, mount.MountPath)
		}
		if len(mounted) != len(names) {
			t.Errorf("volumes %v, mounts at %v", names, mounted)
		}
	})
}

func TestEachConfigMapSecretAndClaimIsMade(t *testing.T) {
	inEachProfile(t, func(t *testing.T, it deployed) {
		deployment := it.deployment
		configMaps, secrets := made(t)
		configMaps = append(configMaps, it.configMaps...)
		for _, volume := range deployment.Spec.Template.Spec.Volumes {
			switch {
			case volume.ConfigMap != nil:
				if !slices.Contains(configMaps, volume.ConfigMap.Name) {
					t.Errorf("volume %s is of ConfigMap %s; made are %v", volume.Name, volume.ConfigMap.Name, configMaps)
				}
			case volume.Secret != nil:
				if !slices.Contains(secrets, volume.Secret.SecretName) {
					t.Errorf("volume %s is of Secret %s; made are %v", volume.Name, volume.Secret.SecretName, secrets)
				}
			case volume.PersistentVolumeClaim == nil:
				t.Errorf("volume %s is of an unexpected kind", volume.Name)
			}
		}
	})
}

func TestAServiceLeadsToThePortOfTheContainer(t *testing.T) {
	inEachProfile(t, func(t *testing.T, it deployed) {
		deployment, service := it.deployment, it.service
		if service == nil {
			t.Fatal("no Service")
		}
		ports := map[string]int32{}
		for _, port := range container(t, deployment).Ports {
			ports[port.Name] = port.ContainerPort
		}
		if ports["http"] != 8080 || ports["management"] != 9876 {
			t.Errorf("ports of the container: %v", ports)
		}
		if len(service.Spec.Ports) != 1 || service.Spec.Ports[0].Port != 80 || service.Spec.Ports[0].TargetPort.StrVal != "http" {
			t.Errorf("ports of the Service: %v", service.Spec.Ports)
		}
		for key, value := range service.Spec.Selector {
			if deployment.Spec.Template.Labels[key] != value {
				t.Errorf("the Service selects %s=%s, pods have %v", key, value, deployment.Spec.Template.Labels)
			}
		}
		var policy networkingv1.NetworkPolicy
		read(t, filepath.Join(folder(), "network-policy.yaml"), &policy)
		for key, value := range policy.Spec.PodSelector.MatchLabels {
			if deployment.Spec.Template.Labels[key] != value {
				t.Errorf("the network policy selects %s=%s, pods have %v", key, value, deployment.Spec.Template.Labels)
			}
		}
		for _, rule := range policy.Spec.Ingress {
			for _, port := range rule.Ports {
				if _, known := ports[port.Port.StrVal]; !known {
					t.Errorf("the network policy admits to port %s, ports are %v", port.Port.StrVal, ports)
				}
			}
		}
	})
}

func TestThePodIsThatOfTheIntegration(t *testing.T) {
	inEachProfile(t, func(t *testing.T, it deployed) {
		integration, deployment := it.integration, it.deployment
		pod := deployment.Spec.Template.Spec
		run := container(t, deployment)
		if run.Image != integration.Spec.Traits.Container.Image || len(run.Command) > 0 || len(run.Args) > 0 || run.WorkingDir != "" {
			t.Errorf("the image's own command does not run: %s %v %v in %s", run.Image, run.Command, run.Args, run.WorkingDir)
		}
		for kind, probe := range map[string]*corev1.Probe{
			"startup": run.StartupProbe, "live": run.LivenessProbe, "ready": run.ReadinessProbe,
		} {
			if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != "/observe/health/"+kind || probe.HTTPGet.Port.IntVal != 9876 {
				t.Errorf("probe %s: %v", kind, probe)
			}
		}
		if pod.ServiceAccountName != integration.Spec.ServiceAccountName || pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
			t.Errorf("service account %s, token %v", pod.ServiceAccountName, pod.AutomountServiceAccountToken)
		}
		context := pod.SecurityContext
		if context == nil || context.FSGroup == nil || *context.FSGroup != 65532 || context.RunAsUser == nil || *context.RunAsUser != 65532 {
			t.Errorf("security context %v", context)
		}
		if pod.TerminationGracePeriodSeconds == nil || *pod.TerminationGracePeriodSeconds <= 45 {
			t.Errorf("grace period %v", pod.TerminationGracePeriodSeconds)
		}
		if deployment.Spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType {
			t.Errorf("strategy %v", deployment.Spec.Strategy)
		}
		if deployment.Labels["camel.apache.org/monitor"] != integration.Name {
			t.Errorf("labels %v", deployment.Labels)
		}
	})
}
