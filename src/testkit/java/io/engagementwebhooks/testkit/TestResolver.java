package io.engagementwebhooks.testkit;

import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.deliver.egress.ResolverSettings;
import java.time.Clock;

/** The resolver of tests that care for no name but {@code localhost}: one for all of a process, never closed. */
public final class TestResolver {

    /** As by default. */
    public static final NameResolver OF_MACHINE =
            NameResolver.of(ResolverSettings.DEFAULT, new EgressRules(EgressSettings.DEFAULT), Clock.systemUTC());

    private TestResolver() {}
}
