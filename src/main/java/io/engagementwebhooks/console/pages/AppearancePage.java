package io.engagementwebhooks.console.pages;

import java.util.Map;

/** Appearance for the operator: how the installation calls and colors its console, and which settings say so. Thread-safe. */
final class AppearancePage implements Area {

    /** Its part of the address. */
    static final String AREA = "appearance";

    private final PageRenderer look;
    private final Branding branding;

    AppearancePage(PageRenderer look, Branding branding) {
        this.look = look;
        this.branding = branding;
    }

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        return look.page(AREA, "Appearance", AREA, session, Map.of("branding", branding));
    }
}
