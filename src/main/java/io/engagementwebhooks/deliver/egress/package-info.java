/**
 * HTTP calls to customers' endpoints: allowed addresses, ports and schemes, one request per call, one deadline, a
 * bounded response. Apart from Netty it depends only on the types of a delivery.
 */
package io.engagementwebhooks.deliver.egress;
