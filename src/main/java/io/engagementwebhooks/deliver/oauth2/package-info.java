/** Tokens for OAuth clients: fetched once for all who need them, renewed when refused, never in a delivery's time. */
package io.engagementwebhooks.deliver.oauth2;
