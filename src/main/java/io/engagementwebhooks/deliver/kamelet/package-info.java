/** Sends deliveries through sink Kamelets, such as those of Apache Camel's catalog. */
package io.engagementwebhooks.deliver.kamelet;
