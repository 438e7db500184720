//! Guarantees under fire: real processes, real servers, and faults from a seeded schedule.
