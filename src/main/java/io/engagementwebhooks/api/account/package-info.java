/** Accounts and portal sessions, for the operator. It shows no definition of an account and no event. */
package io.engagementwebhooks.api.account;
