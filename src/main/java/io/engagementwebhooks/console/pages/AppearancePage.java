package io.engagementwebhooks.console.pages;

import java.util.Map;

/** Appearance for the operator: how the installation calls and colors its console, and which settings say so. Thread-safe. */
final class AppearancePage implements Area {

    /** Its part of the address. */
    static final String AREA = "appearance";

    private final PageRenderer renderer;
    private final Branding branding;

    AppearancePage(PageRenderer renderer, Branding branding) {
        this.renderer = renderer;
        this.branding = branding;
    }

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        return renderer.page(AREA, "Appearance", AREA, session, Map.of("branding", branding));
    }
}
