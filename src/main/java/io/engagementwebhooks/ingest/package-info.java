/** Takes events by HTTP and from Kafka and hands them to the outbox. It knows no attempt. */
package io.engagementwebhooks.ingest;
