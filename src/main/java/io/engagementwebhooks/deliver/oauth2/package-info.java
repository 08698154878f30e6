/** Tokens of OAuth clients: one request for all deliveries, renewed when refused, outside a delivery's timeout. */
package io.engagementwebhooks.deliver.oauth2;
