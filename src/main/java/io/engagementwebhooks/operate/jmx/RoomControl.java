package io.engagementwebhooks.operate.jmx;

import java.util.Map;

/** The rooms: groups of routes. */
@Described("The rooms, each a group of routes. The state of a room: the numbers of routes that are started,"
        + " suspended, stopped")
public interface RoomControl {

    @Described("The rooms with their states")
    Map<String, Map<String, Integer>> getStates();

    @Described("Suspends a room: exchanges in flight complete, and it accepts no new ones. Returns its state")
    Map<String, Integer> suspend(@Described("room") String room);

    @Described("Resumes a room: starts its suspended routes. Returns its state")
    Map<String, Integer> resume(@Described("room") String room);

    @Described("Stops a room: exchanges in flight complete, and it accepts no new ones. Returns its state")
    Map<String, Integer> stop(@Described("room") String room);

    @Described("Starts a room: starts all of its routes that do not run. Returns its state")
    Map<String, Integer> start(@Described("room") String room);
}
