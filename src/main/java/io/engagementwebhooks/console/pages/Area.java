package io.engagementwebhooks.console.pages;

/** Some pages that belong together, for who has signed in. Thread-safe. */
interface Area {

    /**
     * Shows a page, or does what a form asks for.
     *
     * @throws io.engagementwebhooks.server.ProblemException which is shown as a page
     */
    PageAnswer answer(PageRequest request, Session session);
}
