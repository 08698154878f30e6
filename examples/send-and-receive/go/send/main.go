// Send sends an event. If it fails, send the event again with the same id: a duplicate is not delivered twice.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/uuid"
)

func main() {
	client, err := cloudevents.NewClientHTTP(
		cloudevents.WithTarget(os.Getenv("WEBHOOKS_URL")+"/v1/events"),
		cloudevents.WithHeader("Authorization", "Bearer "+os.Getenv("ACME_INGEST_KEY")))
	if err != nil {
		log.Fatal(err)
	}
	event := cloudevents.NewEvent()
	event.SetID(uuid.NewString())
	event.SetSource("/calls")
	event.SetType("call.ended")
	if err := event.SetData(cloudevents.ApplicationJSON, map[string]int{"cdr_id": 1, "duration": 192}); err != nil {
		log.Fatal(err)
	}
	if result := client.Send(context.Background(), event); !cloudevents.IsACK(result) {
		log.Fatal(result)
	}
	fmt.Println(event.ID())
}
