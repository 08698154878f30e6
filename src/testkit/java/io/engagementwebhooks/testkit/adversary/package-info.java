/** Attacks on a product in a separate process, and a probe that shows what another account notices of them. */
package io.engagementwebhooks.testkit.adversary;
