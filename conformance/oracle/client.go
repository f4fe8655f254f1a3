package oracle

import (
	"context"
	"encoding/json"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes"
	clientappsv1 "k8s.io/client-go/kubernetes/typed/apps/v1"
	clientcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"

	"statefulsim/conformance/vector"
)

// client is as much of a clientset as the controller's parts ask for; a call of anything else panics, for want of a receiver.
type client struct {
	kubernetes.Interface
	server *vector.Server
}

func (c *client) AppsV1() clientappsv1.AppsV1Interface { return apps{server: c.server} }
func (c *client) CoreV1() clientcorev1.CoreV1Interface { return core{server: c.server} }

type apps struct {
	clientappsv1.AppsV1Interface
	server *vector.Server
}

func (a apps) ControllerRevisions(string) clientappsv1.ControllerRevisionInterface {
	return revisionClient{server: a.server}
}

func (a apps) StatefulSets(string) clientappsv1.StatefulSetInterface {
	return setClient{server: a.server}
}

type core struct {
	clientcorev1.CoreV1Interface
	server *vector.Server
}

func (c core) Pods(string) clientcorev1.PodInterface { return podClient{server: c.server} }

type setClient struct {
	clientappsv1.StatefulSetInterface
	server *vector.Server
}

func (c setClient) UpdateStatus(_ context.Context, set *appsv1.StatefulSet, _ metav1.UpdateOptions) (*appsv1.StatefulSet, error) {
	return typed[*appsv1.StatefulSet](c.server.UpdateStatus(set))
}

type podClient struct {
	clientcorev1.PodInterface
	server *vector.Server
}

func (c podClient) Patch(_ context.Context, name string, _ types.PatchType, data []byte, _ metav1.PatchOptions, _ ...string) (*corev1.Pod, error) {
	return patch[corev1.Pod](c.server, vector.KindPod, name, data)
}

type revisionClient struct {
	clientappsv1.ControllerRevisionInterface
	server *vector.Server
}

func (c revisionClient) Create(_ context.Context, r *appsv1.ControllerRevision, _ metav1.CreateOptions) (*appsv1.ControllerRevision, error) {
	return typed[*appsv1.ControllerRevision](c.server.Create(r))
}

func (c revisionClient) Get(_ context.Context, name string, _ metav1.GetOptions) (*appsv1.ControllerRevision, error) {
	return typed[*appsv1.ControllerRevision](c.server.Get(vector.KindRevision, name))
}

func (c revisionClient) Update(_ context.Context, r *appsv1.ControllerRevision, _ metav1.UpdateOptions) (*appsv1.ControllerRevision, error) {
	return typed[*appsv1.ControllerRevision](c.server.Update(r))
}

func (c revisionClient) Delete(_ context.Context, name string, _ metav1.DeleteOptions) error {
	held, err := c.server.Get(vector.KindRevision, name)
	if err != nil {
		return err
	}
	return c.server.Delete(held)
}

func (c revisionClient) Patch(_ context.Context, name string, _ types.PatchType, data []byte, _ metav1.PatchOptions, _ ...string) (*appsv1.ControllerRevision, error) {
	return patch[appsv1.ControllerRevision](c.server, vector.KindRevision, name, data)
}

// typed gives the server's answer its type; the object that may come with an error is left out, as a client does.
func typed[T metav1.Object](obj metav1.Object, err error) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	return obj.(T), nil
}

// patch applies a strategic merge patch as the API server does.
func patch[T any, P interface {
	*T
	metav1.Object
}](server *vector.Server, kind, name string, data []byte) (P, error) {
	held, err := server.Get(kind, name)
	if err != nil {
		return nil, err
	}
	before, err := json.Marshal(held)
	if err != nil {
		return nil, err
	}
	after, err := strategicpatch.StrategicMergePatch(before, data, P(new(T)))
	if err != nil {
		return nil, err
	}
	patched := P(new(T))
	if err := json.Unmarshal(after, patched); err != nil {
		return nil, err
	}
	return typed[P](server.Patch(patched))
}
