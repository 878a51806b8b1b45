#pragma once

// The bundles of references that the rooms' route functions ask for. They outlive the router.

#include "api/services.h"
#include "app/gateway.h"
#include "console/auth_services.h"
#include "console/backup_services.h"
#include "console/key_services.h"
#include "console/record_services.h"
#include "console/security_services.h"
#include "console/services.h"

namespace kavach::app {

struct Gateway::RouteServices {
  api::ApiServices api;
  console::AuthServices auth;
  console::ConsoleServices trading;
  console::RecordServices records;
  console::ConnectionServices connections;
  console::SecurityServices security;
  console::SettingServices settings;
  console::BackupServices backups;
  console::KeyServices keys;
  console::HealthServices health;
};

}  // namespace kavach::app
