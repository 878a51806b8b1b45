#include "identity/new_device_notice.h"

#include <utility>

#include "core/civil_time.h"

namespace kavach::identity {

void mail_new_devices(LoginService& login, Mailer& mailer) {
  login.on_new_device([&mailer](const NewDeviceLogin& notice) {
    if (!mailer.settings()) return;
    Mail mail;
    mail.to = notice.user->email;
    mail.subject = "New sign-in to Kavach";
    mail.text = "Your account " + notice.user->username + " was signed in to from a browser that had not done so before.\n\n" +
                "Browser: " + notice.device + "\nAddress: " + notice.address + "\nTime:    " + utc_text(notice.at) +
                "\n\nIf this was you, there is nothing to do. If not, change your password now: that signs out\n" +
                "everybody else.\n";
    mailer.send(std::move(mail));
  });
}

}  // namespace kavach::identity
