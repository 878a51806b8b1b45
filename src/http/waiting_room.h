#pragma once

// The connections of an I/O thread that wait for their client, in the order of their waiting. When all
// places are taken, the one that has waited longest gives way to the newcomer, so that whoever hoards
// connections only ever pushes out his own. Those of callers who have proved who they are go last.
//
// Single thread. Entering and leaving cost a few pointers; a guest leaves by himself when he dies.

#include <boost/intrusive/list.hpp>

namespace kavach::http {

class Guest : public boost::intrusive::list_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual ~Guest() = default;

 protected:
  /// Frees its place at once and ends soon after. It has left the room.
  virtual void give_way() = 0;

 private:
  friend class WaitingRoom;
};

class WaitingRoom {
 public:
  void enter(Guest& guest, bool is_known) { (is_known ? known_ : strangers_).push_back(guest); }
  static void leave(Guest& guest) {
    if (guest.is_linked()) guest.unlink();
  }
  /// False: nobody waits.
  bool make_room() {
    Guests& from = strangers_.empty() ? known_ : strangers_;
    if (from.empty()) return false;
    Guest& longest = from.front();
    longest.unlink();
    longest.give_way();
    return true;
  }

 private:
  using Guests = boost::intrusive::list<Guest, boost::intrusive::constant_time_size<false>>;
  Guests strangers_;
  Guests known_;
};

}  // namespace kavach::http
