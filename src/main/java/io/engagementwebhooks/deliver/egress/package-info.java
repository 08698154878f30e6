/**
 * The one way out to customers' HTTP endpoints: which addresses, ports and schemes may be called, one request per call,
 * a deadline over all of it, and a bounded part of the answer. Beside HttpClient it knows only what is delivered.
 */
package io.engagementwebhooks.deliver.egress;
